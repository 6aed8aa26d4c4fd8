import type { Journal } from '@unhinged/events/journal';
import { EVENT_TYPE, type Policy } from '@unhinged/observability-core';
import {
  Processor,
  type AlertTransition,
  type ProcessorStats,
  type WebhookNotifier,
} from '@unhinged/observability-processor';
import { TraceEvent } from '@unhinged/observability-proto';
import type { Counters } from '../counters.js';
import { AlertOutbox } from './alert-outbox.js';
import { checkpointPath, readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.js';
import { followJournal, type Followed } from './follow-journal.js';

export interface ProcessorFeedOptions {
  journal: Journal;
  dataDir: string;
  policy: Policy;
  webhooks: WebhookNotifier;
  counters: Counters;
  version: string;
  /** Unix milliseconds. */
  clock: () => number;
}

export interface ProcessorFeed {
  readonly position: number;
  readonly lastError: string | null;
  stats: () => ProcessorStats;
  /** Stops reading and saves where it is. */
  stop: () => Promise<void>;
}

const SAVE_EVERY_MS = 2_000;

/**
 * Moves spans from the journal through the processor; alert transitions go back into the journal and to the webhooks. State and
 * position are saved together, so a restart, however sudden, goes on from a moment at which both belonged together.
 */
export async function startProcessorFeed(options: ProcessorFeedOptions): Promise<ProcessorFeed> {
  const { journal, policy, webhooks, counters, clock } = options;
  const path = checkpointPath(options.dataDir);
  const cursor = journal.cursor('processor');
  const saved = await readUsable(path, counters);
  const outbox = new AlertOutbox(journal, counters, options.version);
  let alerts = 0;
  const processor = new Processor({
    policy,
    now: clock,
    ...(saved && { state: saved.processor }),
    onAlert: (alert) => {
      alerts++;
      outbox.add(alert);
      webhooks.notify(alert);
    },
  });
  for (const alert of saved?.unjournaled ?? []) outbox.add(alert);
  for (const alert of saved?.undelivered ?? []) webhooks.notify(alert);

  // A journal that ends before the checkpoint is a new one: read all of it.
  const known = saved !== undefined && saved.position <= journal.lastSequence;
  let taken = known ? saved.position : 0;
  const follower = followJournal(journal, {
    consumer: 'processor',
    after: taken,
    counters,
    take: (records) => {
      for (const record of records) processSpan(processor, record, counters);
      taken = records.at(-1)?.sequence ?? taken;
    },
  });
  let savedAs = '';
  const save = async (undelivered: AlertTransition[]) => {
    const unjournaled = [...outbox.waiting];
    // Windows that the clock alone has closed are closed again after a restart, so an idle machine need not write.
    const key = [taken, alerts, unjournaled.length, undelivered.length].join();
    if (key === savedAs) return;
    const position = taken;
    const state = processor.snapshot();
    await writeCheckpoint(path, { version: 1, position, processor: state, unjournaled, undelivered });
    await cursor.commit(position);
    savedAs = key;
  };
  const stopSaving = repeat(SAVE_EVERY_MS, () =>
    save(webhooks.waiting()).catch(() => {
      // The disk may come back; until then the journal keeps what a restart will need.
      counters.add('checkpoint_errors_total');
    }),
  );
  const stopTicking = repeat(tickMs(policy), async () => {
    // The clock says nothing about events that are still waiting in the journal.
    if (follower.position >= journal.lastSequence) processor.advance(clock());
    if (outbox.waiting.length > 0) await outbox.send();
  });
  return {
    get position() {
      return follower.position;
    },
    get lastError() {
      return follower.lastError;
    },
    stats: () => processor.stats(),
    stop: async () => {
      await follower.stop();
      await stopTicking();
      await stopSaving();
      await outbox.send();
      await save(await webhooks.close());
    },
  };
}

async function readUsable(path: string, counters: Counters): Promise<Checkpoint | undefined> {
  const read = await readCheckpoint(path);
  if (read !== 'damaged') return read;
  counters.add('checkpoint_damaged_total');
  return undefined;
}

function processSpan(processor: Processor, { record }: Followed, counters: Counters): void {
  if (record.eventType !== EVENT_TYPE.span) return;
  let event: TraceEvent;
  try {
    event = TraceEvent.decode(record.value);
  } catch {
    counters.add('undecodable_records_total', { consumer: 'processor' });
    return;
  }
  processor.process(event);
}

/** Often enough that a window closes on time, at most once a second. */
const tickMs = (policy: Policy): number =>
  Math.min(Math.max(Math.floor(policy.windows.sizeSeconds * 500), 20), 1_000);

/**
 * Runs `work` again and again with pauses in between. A run that takes long makes the pauses longer, so that it never takes more
 * than about a tenth of the time. Returns the stop, which waits for a run under way.
 */
function repeat(ms: number, work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const schedule = (pauseMs: number) => {
    timer = setTimeout(() => {
      const started = performance.now();
      running = work().then(() => {
        if (!stopped) schedule(Math.max(ms, (performance.now() - started) * 9));
      });
    }, pauseMs);
    timer.unref();
  };
  schedule(ms);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
