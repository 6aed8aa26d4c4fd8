import { setTimeout as sleep } from 'node:timers/promises';

import type { Journal } from '../journal/journal.js';
import { decodeRecord } from '../journal/record-codec.js';
import type { EventRecord } from '../transport.js';
import { KafkajsClient } from './kafkajs-client.js';
import { Lane, type LaneStats, prepare } from './lane.js';
import { type KafkaOptions, resolveKafkaOptions } from './options.js';
import type { RecordClient } from './record-client.js';

export interface ForwardingOptions extends KafkaOptions {
  /** Name of the cursor in the journal. Default `kafka`. */
  cursor?: string;
  /** Told of failed attempts and of what went to the dead-letter topic. */
  onTrouble?: (trouble: unknown) => void;
  /** Another client instead of kafkajs; the options of Kafka then are its own affair. */
  client?: RecordClient;
}

export interface ForwardingStats extends LaneStats {
  /** Journal sequence up to which everything is durable in Kafka. */
  position: number;
  /** Records of the journal that are not in Kafka yet. */
  waiting: number;
}

export interface Forwarding {
  /** Resolves true when everything that is in the journal now is in Kafka; false after `timeoutMs` (default 10,000). */
  flush(timeoutMs?: number): Promise<boolean>;
  /** Ends after the send under way; what is left goes on at the next start. */
  stop(): Promise<void>;
  stats(): ForwardingStats;
}

/** Below the broker's 1 MiB for one batch of a partition, whatever the headers add. */
const BATCH = { maxRecords: 1_024, maxBytes: 768 * 1024 } as const;
/** After a failure that is none of Kafka's, such as an unreadable journal. */
const PAUSE_MS = 1_000;

/**
 * Sends everything in a journal to Kafka, in order, for as long as it runs: with a `journalTransport` in front, an event is durable
 * when `emit` resolves, and no outage of Kafka loses it. At least once: after a crash between a send and the cursor's
 * commit the last batches come again, and readers know them by their event ids.
 *
 * @throws ObservabilityError `bad_option`.
 */
export function forwardToKafka(journal: Journal, options: ForwardingOptions): Forwarding {
  const { onTrouble = () => undefined } = options;
  const client = options.client ?? new KafkajsClient(resolveKafkaOptions(options));
  const lane = new Lane({ client, onTrouble });
  const cursor = journal.cursor(options.cursor ?? 'kafka');
  const stopping = new AbortController();
  let position = cursor.position;
  let committing: Promise<void> = Promise.resolve();
  const waiting = new Set<{ sequence: number; reach: (inTime: boolean) => void }>();

  const moveTo = (sequence: number): void => {
    position = sequence;
    // Not waited for: a crash before it only means that the batch comes again.
    committing = cursor.commit(sequence).catch(onTrouble);
    for (const one of waiting) {
      if (one.sequence <= sequence && waiting.delete(one)) one.reach(true);
    }
  };
  const pass = async (): Promise<void> => {
    const { signal } = stopping;
    const batches = journal.follow({ from: position + 1, signal, ...BATCH });
    // The next batch is read and its headers made while the one before is under way.
    const read = async () => {
      const { value } = await batches.next();
      return value && { last: value.at(-1)?.sequence ?? position, records: prepare(value.map(decoded)) };
    };
    let coming = read();
    try {
      for (let batch = await coming; batch !== undefined; batch = await coming) {
        coming = read();
        // It is looked at when this batch is delivered, however long that takes.
        coming.catch(() => undefined);
        if (!(await lane.deliver(batch.records, signal))) return;
        moveTo(batch.last);
      }
    } finally {
      await batches.return();
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await pass();
        return;
      } catch (error) {
        onTrouble(error);
        await sleep(PAUSE_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
      }
    }
  };
  const running = run();

  return {
    flush: async (timeoutMs = 10_000) => {
      const sequence = journal.lastSequence;
      if (sequence <= position) return true;
      const timeout = new AbortController();
      let reach: (inTime: boolean) => void = () => undefined;
      const reached = new Promise<boolean>((resolve) => (reach = resolve));
      const one = { sequence, reach };
      waiting.add(one);
      const late = sleep(timeoutMs, false, { signal: timeout.signal }).catch(() => false);
      const inTime = await Promise.race([reached, late]);
      timeout.abort();
      waiting.delete(one);
      return inTime;
    },
    stop: async () => {
      stopping.abort();
      await running;
      await committing;
      await client.close();
    },
    stats: () => ({ ...lane.stats(), position, waiting: Math.max(0, journal.lastSequence - position) }),
  };
}

/** A payload that is no record (another program's) is passed on as it is, for the lane to bury. */
function decoded({ payload }: { payload: Uint8Array }): EventRecord {
  try {
    return decodeRecord(payload);
  } catch {
    return { topic: 'unknown', key: '', eventType: 'unreadable', value: payload };
  }
}
