import { encodeRecord, type Journal } from '@unhinged/events/journal';
import type { EventRecord } from '@unhinged/events';
import { ObservabilityError } from '@unhinged/observability-core';
import { Refusal } from '../refusal.js';

/**
 * Stores the events of one batch in the journal; resolves when they are durable. All or none of them count: the client of a
 * refused batch sends it again.
 *
 * @throws Refusal `journal_full`, or `journal_failed` with what the disk said.
 */
export async function storeRecords(journal: Journal, records: readonly EventRecord[]): Promise<void> {
  if (records.length === 0) return;
  try {
    await journal.append(records.map(encodeRecord));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof ObservabilityError && error.code === 'journal_full') {
      throw new Refusal('journal_full', `Nothing of the request was stored: ${reason} Retry later.`, {
        cause: error,
      });
    }
    throw new Refusal('journal_failed', `Nothing of the request was stored: ${reason}`, { cause: error });
  }
}
