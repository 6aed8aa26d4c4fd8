import { encodeRecord, type Journal } from '@unhinged/events/journal';
import type { EventRecord } from '@unhinged/events';
import { ObservabilityError } from '@unhinged/observability-core';
import type { Counters } from '../counters.js';
import { Refusal, type RefusalCode } from '../refusal.js';

/** What a client is told of the journal's own codes; of any other, `journal_failed`. */
const refusals: Readonly<Record<string, RefusalCode>> = {
  journal_full: 'journal_full',
  journal_closed: 'stopping',
  payload_too_large: 'too_large',
};

/**
 * Stores the events of one batch in the journal; resolves when they are durable. All or none of them count: the client of a
 * refused batch sends it again.
 *
 * @throws Refusal `journal_full`, `too_large`, `stopping`, or `journal_failed` with what the disk said.
 */
export async function storeRecords(journal: Journal, records: readonly EventRecord[]): Promise<void> {
  if (records.length === 0) return;
  try {
    await journal.append(records.map(encodeRecord));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof ObservabilityError ? error.code : '';
    const message = `Nothing of the request was stored: ${reason}`;
    throw new Refusal(refusals[code] ?? 'journal_failed', message, { cause: error });
  }
}

/** What the journal holds and did, among our counters. */
export function countJournal(journal: Journal, counters: Counters): void {
  counters.onCollect(() => {
    const stats = journal.stats();
    counters.set('journal_bytes', undefined, stats.bytes);
    counters.set('journal_cap_bytes', undefined, stats.capBytes);
    counters.set('journal_first_sequence', undefined, stats.firstSequence);
    counters.set('journal_last_sequence', undefined, stats.lastSequence);
    counters.set('journal_queued_records', undefined, stats.queued);
    counters.set('journal_appended_records_total', undefined, stats.appended);
    counters.set('journal_syncs_total', undefined, stats.syncs);
    counters.set('journal_torn_records_total', undefined, stats.torn);
    counters.set('journal_corrupt_records_total', undefined, stats.corrupt);
    for (const [reason, count] of Object.entries(stats.dropped)) {
      counters.set('journal_dropped_records_total', { reason }, count);
    }
  });
}
