import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Journal } from '@unhinged/events/journal';
import type { Policy, StatusResponse } from '@unhinged/observability-core';
import { openLake, openLakeReader, type LakeOptions, type LakeStats } from '@unhinged/observability-lake';
import { webhookNotifier, type ProcessorStats, type WebhookStats } from '@unhinged/observability-processor';
import type { Counters } from '../counters.js';
import { startOrStop } from '../stop-stack.js';
import { startConsoleServer, type ConsoleServerOptions } from './console/console-server.js';
import { LiveHub } from './console/live-hub.js';
import { collectStats } from './collect-stats.js';
import { startLakeFeed } from './lake-feed.js';
import { startProcessorFeed } from './processor-feed.js';
import { SourceMapStore } from './source-maps/source-map-store.js';
import { ConsoleStore } from './store/console-store.js';
import { startStoreFeed } from './store-feed.js';

export interface EmbeddedOptions {
  /** Open; closed by whoever opened it, after {@link Embedded.stop}. */
  journal: Journal;
  /** The lake goes to `lake`, the processor's checkpoint to `state`, source maps to `sourcemaps` in it. */
  dataDir: string;
  policy: Policy;
  /** URLs that are told of alerts that fire and that are resolved. */
  webhooks: readonly string[];
  console: ConsoleServerOptions;
  counters: Counters;
  version: string;
  /** Ports of the bridge, for the status page. Asked when a page wants them, not before. */
  ports: () => Omit<StatusResponse['ports'], 'console'>;
  lakeOptions?: Partial<Omit<LakeOptions, 'dir'>> | undefined;
  /** Unix milliseconds. Default `Date.now`. */
  clock?: (() => number) | undefined;
}

/** Everything behind the journal, running. */
export interface Embedded {
  readonly consolePort: number;
  /** Resolves when everything that is in the journal now is in the lake's Parquet files. */
  flush: () => Promise<void>;
  stats: () => EmbeddedStats;
  /** Stops reading the journal, saves, flushes the lake, closes the console. */
  stop: () => Promise<void>;
}

export interface EmbeddedStats {
  lake: LakeStats;
  processor: ProcessorStats;
  webhooks: Record<string, WebhookStats>;
  /** Sequences up to which each consumer has read the journal. */
  positions: { lake: number; processor: number; console: number };
}

/**
 * Starts the consumers of the journal: lake, processor and console store, and the console's server.
 *
 * @throws ObservabilityError `journal_behind_lake`, `lake_unusable`, `lake_corrupt`, `port_taken`, `listen_failed`. What had
 * started is stopped again.
 */
export function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { journal, dataDir, policy, counters, version, clock = Date.now } = options;
  return startOrStop(async (started) => {
    const lakeDir = join(dataDir, 'lake');
    await mkdir(lakeDir, { recursive: true });
    const lake = await openLake({ ...options.lakeOptions, dir: lakeDir });
    started.add(() => lake.close());
    const reader = await openLakeReader({ dir: lakeDir });
    started.add(() => reader.close());
    const sourceMaps = await SourceMapStore.open(join(dataDir, 'sourcemaps'));
    const lakeFeed = await startLakeFeed(journal, lake, counters, sourceMaps);
    started.add(() => lakeFeed.stop());

    const webhooks = webhookNotifier({ urls: options.webhooks });
    started.add(async () => {
      await webhooks.close();
    });
    const processorFeed = await startProcessorFeed({
      ...{ journal, dataDir, policy, webhooks, counters, version, clock },
    });
    started.add(() => processorFeed.stop());

    const store = new ConsoleStore(counters, clock);
    const live = new LiveHub(store, version, counters);
    const storeFeed = startStoreFeed(journal, store, counters);
    started.add(() => storeFeed.stop());
    store.listen(live);

    const feeds = { lake: lakeFeed, processor: processorFeed, console: storeFeed };
    const positions = () => ({
      lake: lakeFeed.position,
      processor: processorFeed.position,
      console: storeFeed.position,
    });
    collectStats(counters, { journal, lake, processor: processorFeed, webhooks, sourceMaps, positions });
    let consolePort = 0;
    const server = await startConsoleServer(options.console, {
      ...{ store, live, journal, lake, reader, counters, sourceMaps, dataDir, version },
      flush: () => lakeFeed.flush(),
      notReady: () => [
        ...Object.entries(feeds).flatMap(([name, { lastError }]) =>
          lastError === null ? [] : [`${name}: ${lastError}`],
        ),
        ...(storeFeed.caughtUp ? [] : ['console: still reading the journal']),
      ],
      startedMs: clock(),
      ports: () => ({ ...options.ports(), console: consolePort }),
    });
    consolePort = server.port;
    started.add(() => server.stop());
    return {
      consolePort,
      flush: () => lakeFeed.flush(),
      stats: () => ({
        lake: lake.stats(),
        processor: processorFeed.stats(),
        webhooks: webhooks.stats(),
        positions: positions(),
      }),
      stop: () => started.stop(),
    };
  });
}
