import type { EmitterProgress } from './event-sink.js';

/** Events that an emitter numbered and that never came. */
export interface Gap {
  emitterId: string;
  /** First and last missing number. */
  first: number;
  last: number;
}

/** A run of missing numbers, and when it was noticed. */
interface Run extends Range {
  tick: number;
  at: number;
}

interface Range {
  first: number;
  last: number;
}

interface Emitter {
  low: number;
  high: number;
  missing: Run[];
  /** Gaps that were told of, whose numbers may come nevertheless. */
  told: Range[];
}

/** Runs of missing numbers that are remembered of one emitter; beyond, the oldest counts as lost at once. */
const MAX_RUNS = 1_000;
/** Gaps of one emitter that are remembered after they were told of. */
const MAX_TOLD = 100;

/**
 * Finds missing numbers. An emitter's events are spread over partitions, so a number that did not come yet is only noticed; it is a
 * gap when everything that was in the topics when it was noticed has been read, which the owner of this object knows: it takes
 * a `mark`, reads up to the present ends of all partitions, and asks what is still missing.
 */
export class GapDetector {
  readonly #maxEmitters: number;
  readonly #now: () => number;
  readonly #elapsed: () => number;
  /** Least recently heard of first. */
  readonly #emitters = new Map<string, Emitter>();
  readonly #overflow: Gap[] = [];
  #since: number;
  #tick = 0;
  #late = 0;

  /** @param options.since Unix milliseconds from which on everything was read: emitters that began later began with 1. */
  constructor(options: {
    maxEmitters: number;
    /** Unix milliseconds. */
    now: () => number;
    /** Milliseconds of a clock that nobody sets. */
    elapsed: () => number;
    since: number;
  }) {
    this.#maxEmitters = options.maxEmitters;
    this.#now = options.now;
    this.#elapsed = options.elapsed;
    this.#since = options.since;
  }

  get since(): number {
    return this.#since;
  }

  /** Numbers that are missing now. */
  get pending(): number {
    let sum = 0;
    for (const { missing } of this.#emitters.values()) {
      for (const { first, last } of missing) sum += last - first + 1;
    }
    return sum;
  }

  /** Numbers that came after they had been told of as a gap. */
  get late(): number {
    return this.#late;
  }

  /** An event came. Calling twice for one event changes nothing. */
  note(emitterId: string, sequence: number): void {
    if (emitterId === '' || !Number.isSafeInteger(sequence) || sequence < 1) return;
    let emitter = this.#emitters.get(emitterId);
    if (emitter === undefined) emitter = this.#begin(emitterId, sequence);
    else {
      this.#emitters.delete(emitterId);
      this.#emitters.set(emitterId, emitter);
    }
    const { low, high } = emitter;
    if (sequence > high) {
      if (sequence > high + 1) this.#miss(emitterId, emitter, high + 1, sequence - 1);
      emitter.high = sequence;
    } else if (sequence < low) {
      if (sequence < low - 1) this.#miss(emitterId, emitter, sequence + 1, low - 1);
      emitter.low = sequence;
    } else if (!take(emitter.missing, sequence) && take(emitter.told, sequence)) {
      this.#late++;
    }
  }

  /** For {@link settle}: what was noticed until now, at least `olderThanMs` ago. Undefined when there is nothing of the kind. */
  mark(olderThanMs: number): number | undefined {
    const latest = this.#elapsed() - olderThanMs;
    let mark: number | undefined;
    for (const { missing } of this.#emitters.values()) {
      for (const { tick, at } of missing) if (at <= latest && tick > (mark ?? 0)) mark = tick;
    }
    return mark ?? (this.#overflow.length > 0 ? 0 : undefined);
  }

  /** Takes out what was noticed up to the mark and is still missing. */
  settle(mark: number): Gap[] {
    const gaps = this.#overflow.splice(0);
    for (const [emitterId, emitter] of this.#emitters) {
      const lost = emitter.missing.filter(({ tick }) => tick <= mark);
      if (lost.length === 0) continue;
      emitter.missing = emitter.missing.filter(({ tick }) => tick > mark);
      for (const { first, last } of lost) gaps.push({ emitterId, first, last });
      emitter.told = [...emitter.told, ...lost].slice(-MAX_TOLD);
    }
    return gaps;
  }

  progress(): EmitterProgress[] {
    const pairs = (ranges: readonly Range[]): [number, number][] =>
      ranges.map(({ first, last }) => [first, last]);
    return [...this.#emitters].map(([id, { low, high, missing, told }]) => ({
      ...{ id, low, high, missing: pairs(missing) },
      ...(told.length > 0 && { told: pairs(told) }),
    }));
  }

  restore(emitters: readonly EmitterProgress[]): void {
    for (const { id, low, high, missing, told = [] } of emitters) {
      const emitter: Emitter = {
        low,
        high,
        missing: [],
        told: told.map(([first, last]) => ({ first, last })),
      };
      this.#emitters.set(id, emitter);
      for (const [first, last] of missing) this.#miss(id, emitter, first, last);
    }
  }

  #begin(id: string, sequence: number): Emitter {
    const emitter = { low: sequence, high: sequence, missing: [], told: [] };
    this.#emitters.set(id, emitter);
    const began = startOf(id);
    if (began !== undefined && began > this.#since && sequence > 1) {
      emitter.low = 1;
      this.#miss(id, emitter, 1, sequence - 1);
    }
    const oldest = this.#emitters.entries().next();
    if (this.#emitters.size > this.#maxEmitters && oldest.done !== true) {
      const [oldId, { missing }] = oldest.value;
      this.#emitters.delete(oldId);
      for (const { first, last } of missing) this.#overflow.push({ emitterId: oldId, first, last });
      // Should it be heard of again, it is not taken for one that begins.
      this.#since = Math.max(this.#since, this.#now());
    }
    return emitter;
  }

  #miss(emitterId: string, { missing }: Emitter, first: number, last: number): void {
    missing.push({ first, last, tick: ++this.#tick, at: this.#elapsed() });
    if (missing.length <= MAX_RUNS) return;
    const oldest = missing.shift();
    if (oldest) this.#overflow.push({ emitterId, first: oldest.first, last: oldest.last });
  }
}

/** Takes a number out of the ranges. False when it is in none. */
function take(ranges: Range[], sequence: number): boolean {
  const index = ranges.findIndex(({ first, last }) => first <= sequence && sequence <= last);
  const range = ranges[index];
  if (range === undefined) return false;
  const parts = [
    { ...range, last: sequence - 1 },
    { ...range, first: sequence + 1 },
  ].filter(({ first, last }) => first <= last);
  ranges.splice(index, 1, ...parts);
  return true;
}

/** Unix milliseconds at which an emitter began: its id is a UUIDv7. Undefined when it is none. */
function startOf(emitterId: string): number | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(emitterId)) return undefined;
  return Number.parseInt(emitterId.slice(0, 8) + emitterId.slice(9, 13), 16);
}
