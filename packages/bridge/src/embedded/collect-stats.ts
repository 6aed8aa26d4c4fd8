import type { Journal } from '@unhinged/events/journal';
import type { Lake } from '@unhinged/observability-lake';
import type { WebhookNotifier } from '@unhinged/observability-processor';
import type { Counters } from '../counters.js';
import type { ProcessorFeed } from './processor-feed.js';
import type { SourceMapStore } from './source-maps/source-map-store.js';

interface Sources {
  journal: Journal;
  lake: Lake;
  processor: ProcessorFeed;
  webhooks: WebhookNotifier;
  sourceMaps: SourceMapStore;
  /** By consumer. */
  positions: () => Record<string, number>;
}

/**
 * Puts how far the consumers of the journal are, and what lake, processor and webhooks count, into the one registry, whenever it
 * is read.
 */
export function collectStats(counters: Counters, sources: Sources): void {
  counters.onCollect(() => {
    const { journal, lake, processor, webhooks } = sources;
    const last = journal.lastSequence;
    for (const [consumer, position] of Object.entries(sources.positions())) {
      counters.set('consumer_lag_records', { consumer }, Math.max(last - position, 0));
    }
    collectLake(counters, lake);
    collectProcessor(counters, processor);
    collectSourceMaps(counters, sources.sourceMaps);
    Object.entries(webhooks.stats()).forEach(([url, stats], index) => {
      // Paths of webhooks are secrets.
      const webhook = `${index} ${new URL(url).host}`;
      counters.set('webhook_delivered_total', { webhook }, stats.delivered);
      counters.set('webhook_retries_total', { webhook }, stats.retries);
      counters.set('webhook_queued', { webhook }, stats.queued);
      for (const [reason, count] of Object.entries(stats.dropped)) {
        counters.set('webhook_dropped_total', { webhook, reason }, count);
      }
    });
  });
}

function collectLake(counters: Counters, lake: Lake): void {
  const { rows, skipped, commits, failures, pendingRows } = lake.stats();
  for (const [table, count] of Object.entries(rows)) counters.set('lake_rows', { table }, count);
  for (const [reason, count] of Object.entries(skipped)) {
    counters.set('lake_skipped_total', { reason }, count);
  }
  counters.set('lake_commits_total', undefined, commits);
  counters.set('lake_commit_failures_total', undefined, failures);
  counters.set('lake_pending_rows', undefined, pendingRows);
}

function collectSourceMaps(counters: Counters, sourceMaps: SourceMapStore): void {
  const { maps, bytes, evicted } = sourceMaps.stats();
  counters.set('source_maps', undefined, maps);
  counters.set('source_map_bytes', undefined, bytes);
  for (const [reason, count] of Object.entries(evicted)) {
    counters.set('source_maps_evicted_total', { reason }, count);
  }
}

function collectProcessor(counters: Counters, processor: ProcessorFeed): void {
  const stats = processor.stats();
  counters.set('processor_requests_total', undefined, stats.requests);
  counters.set('processor_late_total', { taken: 'yes' }, stats.late);
  counters.set('processor_late_total', { taken: 'no' }, stats.lateDropped);
  counters.set('processor_future_total', { taken: 'yes' }, stats.future - stats.futureDropped);
  counters.set('processor_future_total', { taken: 'no' }, stats.futureDropped);
  counters.set('processor_no_end_total', undefined, stats.noEnd);
  counters.set('processor_other_total', undefined, stats.other);
  counters.set('processor_alerts', { state: 'pending' }, stats.pending);
  counters.set('processor_alerts', { state: 'firing' }, stats.firing);
  if (stats.watermarkMs !== null) {
    counters.set('processor_watermark_seconds', undefined, stats.watermarkMs / 1000);
  }
}
