import { Sequence } from '@unhinged/observability-core';

import type { EventRecord } from '../../transport.js';
import type { ConsumerProgress, EventSink } from './event-sink.js';
import { type Gap, GapDetector } from './gap-detector.js';
import { gapEvent } from './gap-event.js';
import type { ReadEvent } from './read-message.js';
import { RecentIds } from './recent-ids.js';

export interface StreamOptions {
  sink: EventSink;
  /** Event ids that are remembered. */
  dedupeIds: number;
  maxEmitters: number;
  /** Service that gap events are said to be from. */
  service: string;
  now: () => number;
  /** Milliseconds of a clock that nobody sets. */
  elapsed: () => number;
}

/**
 * One stream of many partitions: takes out what came before, gives the rest to the sink with the progress, and keeps account of
 * emitters' numbers. Nothing of it knows Kafka.
 */
export class Stream {
  readonly #options: StreamOptions;
  readonly #sequence = new Sequence();
  readonly #ids: RecentIds;
  readonly #positions = new Map<string, number>();
  readonly #gaps: GapDetector;
  #stored = 0;
  #duplicates = 0;
  #lost = 0;

  private constructor(options: StreamOptions, progress: ConsumerProgress | undefined) {
    this.#options = options;
    const { dedupeIds, maxEmitters, now, elapsed } = options;
    this.#ids = new RecentIds(dedupeIds);
    this.#gaps = new GapDetector({ maxEmitters, now, elapsed, since: progress?.since ?? now() });
    this.#gaps.restore(progress?.emitters ?? []);
    for (const [place, next] of Object.entries(progress?.positions ?? {})) this.#positions.set(place, next);
  }

  /** Goes on where the sink's output ends. */
  static async open(options: StreamOptions): Promise<Stream> {
    const { progress, recentIds } = await options.sink.restore();
    const stream = new Stream(options, progress);
    for (const id of recentIds) stream.#ids.add(id);
    return stream;
  }

  /** Next offset to read of a `topic/partition`; undefined when nothing of it was stored. */
  position(place: string): number | undefined {
    return this.#positions.get(place);
  }

  get gaps(): GapDetector {
    return this.#gaps;
  }

  stats(): { events: number; duplicates: number; gaps: { lost: number; late: number; pending: number } } {
    return {
      events: this.#stored,
      duplicates: this.#duplicates,
      gaps: { lost: this.#lost, late: this.#gaps.late, pending: this.#gaps.pending },
    };
  }

  /** Stores what is new of the events and moves the position of `place`. When it rejects, nothing is stored and nothing has moved. */
  async take(events: readonly ReadEvent[], place: string, next: number): Promise<void> {
    const fresh = new Map<string, EventRecord>();
    for (const { id, record } of events) {
      if (!this.#ids.has(id) && !fresh.has(id)) fresh.set(id, record);
    }
    // Noted before, so that the progress has it; noting an event twice changes nothing.
    for (const { emitterId, sequence } of events) this.#gaps.note(emitterId, sequence);
    await this.#store(fresh, { ...Object.fromEntries(this.#positions), [place]: next });
    this.#positions.set(place, next);
    this.#stored += fresh.size;
    this.#duplicates += events.length - fresh.size;
  }

  /** Tells the sink of gaps. When it rejects, the gaps are not told. */
  async report(gaps: readonly Gap[]): Promise<void> {
    const fresh = new Map<string, EventRecord>();
    for (const gap of gaps) {
      const { id, record } = gapEvent(gap, this.#options.service, this.#sequence);
      if (!this.#ids.has(id)) fresh.set(id, record);
    }
    await this.#store(fresh, Object.fromEntries(this.#positions));
    for (const { first, last } of gaps) this.#lost += last - first + 1;
  }

  async #store(fresh: ReadonlyMap<string, EventRecord>, positions: Record<string, number>): Promise<void> {
    if (fresh.size > 0) {
      await this.#options.sink.store({
        records: [...fresh.values()],
        progress: { positions, emitters: this.#gaps.progress(), since: this.#gaps.since },
        recentIds: () => [...this.#ids.values(), ...fresh.keys()],
      });
    }
    for (const id of fresh.keys()) this.#ids.add(id);
  }
}
