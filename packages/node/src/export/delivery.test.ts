import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { SignalCounts } from '../stats.js';
import { Batcher } from './batcher.js';
import type { Builder } from './builders.js';
import { Delivery } from './delivery.js';
import { MemoryOutbox } from './outbox.js';
import type { Answer, Transport } from './transport/transport.js';

// A request of the tests is a JSON array of numbers, one a record.
type Answering = (records: number[]) => Answer | 'hang';
const TAKEN: Answer = { outcome: 'accepted', rejected: 0, message: '' };
const AWAY: Answer = { outcome: 'retry', message: 'away' };
const TOO_LARGE: Answer = { outcome: 'too_large', message: 'too large' };

function setUp(answering: Answering, config = {}, canWait?: (number: number) => boolean) {
  const attempts: { at: number; records: number[] }[] = [];
  const arrived: number[] = [];
  const state = { underWay: 0, most: 0 };
  const hanging = new Set<() => void>();
  const transport: Transport = {
    send: async (body) => {
      const records = parse(body);
      attempts.push({ at: Date.now(), records });
      state.underWay += 1;
      state.most = Math.max(state.most, state.underWay);
      const answer = answering(records);
      await new Promise<void>((resolve) => {
        hanging.add(resolve);
        setTimeout(resolve, answer === 'hang' ? 10_000 : 5);
      });
      state.underWay -= 1;
      if (answer === 'hang') return { outcome: 'retry', message: 'no answer' };
      if (answer.outcome === 'accepted') arrived.push(...records.slice(answer.rejected));
      return answer;
    },
    disconnect: () => {
      for (const give of hanging) give();
    },
  };
  const counts = new SignalCounts();
  const delivery = new Delivery({ transport, split, counts, what: 'numbers', random: () => 1 });
  const outbox = new MemoryOutbox(delivery, counts);
  const batcher = new Batcher<number>(
    builder(),
    outbox,
    { maxQueueSize: 1_000, maxBatchSize: 10, delayMs: 1_000, exportTimeoutMs: 30_000, ...config },
    counts,
    'numbers',
    canWait,
  );
  const add = (from: number, to: number) => {
    for (let number = from; number < to; number++) {
      counts.created += 1;
      batcher.add(number);
    }
  };
  return { add, batcher, outbox, counts, attempts, arrived, state };
}

function builder(): Builder<number> {
  let open: number[] = [];
  return {
    get size() {
      return open.length;
    },
    add: (number) => {
      if (Number.isNaN(number)) throw new Error('unreadable');
      open.push(number);
    },
    pending: () => undefined,
    take: () => {
      const taken = open;
      open = [];
      return Buffer.from(JSON.stringify(taken));
    },
  };
}
function parse(body: Uint8Array): number[] {
  return JSON.parse(Buffer.from(body).toString()) as number[];
}
function split(body: Uint8Array) {
  const records = parse(body);
  if (records.length < 2) return undefined;
  const middle = Math.floor(records.length / 2);
  const half = (part: number[]) => ({ body: Buffer.from(JSON.stringify(part)), count: part.length });
  return [half(records.slice(0, middle)), half(records.slice(middle))] as [
    ReturnType<typeof half>,
    ReturnType<typeof half>,
  ];
}
const range = (to: number) => Array.from({ length: to }, (_, index) => index);
const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);

beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('batches', () => {
  test('leave when they are full or a second after their first record', async () => {
    const { add, attempts } = setUp(() => TAKEN);
    add(0, 25);
    await jest.advanceTimersByTimeAsync(100);
    expect(attempts.map(({ records }) => records.length)).toEqual([10, 10]);
    await jest.advanceTimersByTimeAsync(900);
    expect(attempts.map(({ records }) => records.length)).toEqual([10, 10, 5]);
  });

  test.each([
    ['even ones', (number: number) => number % 2 === 0],
    ['all', () => true],
    ['all but the 70th', (number: number) => number !== 70],
  ])(
    'hold records in their order, those that wait to be encoded (%s) and those that do not',
    async (_, canWait) => {
      const { add, batcher, attempts, counts } = setUp(() => TAKEN, { maxBatchSize: 200 }, canWait);
      add(0, 90);
      const flushed = batcher.flush();
      await jest.advanceTimersByTimeAsync(10);
      await flushed;
      add(90, 100);
      await jest.advanceTimersByTimeAsync(1_100);
      add(100, 110);
      const ended = batcher.flush();
      await jest.advanceTimersByTimeAsync(10);
      await ended;
      expect(attempts.map(({ records }) => records)).toEqual([
        range(90),
        range(100).slice(90),
        range(110).slice(100),
      ]);
      expect(counts.stats()).toMatchObject({ created: 110, exported: 110, queued: 0 });
    },
  );

  test('lose of the records that wait only the one that cannot be encoded, and count it', async () => {
    const { batcher, attempts, counts } = setUp(
      () => TAKEN,
      {},
      () => true,
    );
    counts.created += 3;
    for (const number of [1, Number.NaN, 3]) batcher.add(number);
    await jest.advanceTimersByTimeAsync(1_100);
    expect(attempts.map(({ records }) => records)).toEqual([[1, 3]]);
    expect(counts.stats()).toMatchObject({ exported: 2, dropped: { failed: 1 }, queued: 0 });
  });

  test('a burst beyond the queue is accounted for to the last record, the oldest are kept', async () => {
    const { add, counts, arrived, batcher } = setUp(() => TAKEN);
    add(0, 10_000);
    expect(counts.stats()).toMatchObject({ dropped: { queue_full: 9_000 }, queued: 1_000 });
    void batcher.flush();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(sorted(arrived)).toEqual(range(1_000));
    expect(counts.stats()).toMatchObject({ created: 10_000, exported: 1_000, queued: 0 });
  });

  test('a record that cannot be read costs no other', async () => {
    const { add, counts, batcher } = setUp(() => TAKEN);
    add(0, 2);
    counts.created += 1;
    batcher.add(NaN);
    add(2, 4);
    await jest.advanceTimersByTimeAsync(1_100);
    expect(counts.stats()).toMatchObject({ created: 5, exported: 4, dropped: { failed: 1 }, queued: 0 });
  });
});

describe('while the collector is away', () => {
  test('30 s long nothing within the queue is lost, and one attempt at a time is made, ever more seldom', async () => {
    const backAt = Date.now() + 30_000;
    const { add, attempts, arrived, counts, state } = setUp(() => (Date.now() < backAt ? AWAY : TAKEN));
    for (let second = 0; second < 30; second++) {
      add(second * 30, second * 30 + 30);
      await jest.advanceTimersByTimeAsync(1_000);
      // The first five left together, before anybody knew.
      if (second === 1) state.most = 0;
    }
    expect(state.most).toBe(1);
    // 0.5, 1, 2, 4, then every 5 s.
    expect(attempts.length).toBeLessThan(5 + 12);
    await jest.advanceTimersByTimeAsync(6_000);
    expect(sorted(arrived)).toEqual(range(900));
    expect(counts.stats()).toMatchObject({ created: 900, exported: 900, dropped: {}, queued: 0 });
  });

  test('the wait that it asks for is honoured', async () => {
    let first = true;
    const { add, attempts } = setUp(() => {
      if (!first) return TAKEN;
      first = false;
      return { outcome: 'retry', message: 'busy', afterMs: 20_000 };
    });
    add(0, 10);
    await jest.advanceTimersByTimeAsync(19_000);
    expect(attempts).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(attempts).toHaveLength(2);
  });

  test('a flush tries at once and waits until what it found has left', async () => {
    let away = true;
    const { add, batcher, attempts, counts } = setUp(() => (away ? AWAY : TAKEN));
    add(0, 10);
    await jest.advanceTimersByTimeAsync(10_000);
    const before = attempts.length;
    away = false;
    const flushed = batcher.flush();
    await jest.advanceTimersByTimeAsync(20);
    expect(attempts.length).toBe(before + 1);
    await flushed;
    expect(counts.exported).toBe(10);
  });

  test('a flush ends when its time is over, and the records stay queued', async () => {
    const { add, batcher, counts } = setUp(() => 'hang');
    add(0, 10);
    const flushed = batcher.flush();
    await jest.advanceTimersByTimeAsync(30_000);
    await flushed;
    expect(counts.stats()).toMatchObject({ dropped: {}, queued: 10 });
  });
});

describe('a request that is too large', () => {
  test('is halved until it fits; one record alone that does not is dropped', async () => {
    const { add, arrived, counts, attempts } = setUp((records) =>
      records.length > 3 || records.includes(7) ? TOO_LARGE : TAKEN,
    );
    add(0, 10);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(sorted(arrived)).toEqual(range(10).filter((number) => number !== 7));
    expect(counts.stats()).toMatchObject({ exported: 9, dropped: { too_large: 1 }, queued: 0 });
    expect(attempts.length).toBeLessThan(20);
  });
});

describe('what the collector refuses', () => {
  test('is dropped as rejected, for good or in part, and the first of each kind is told with its reason', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { add, counts } = setUp(([first]) =>
      first === 0
        ? { outcome: 'refused', message: 'no such tenant' }
        : { outcome: 'accepted', rejected: 4, message: `too old: ${String(first)}` },
    );
    add(0, 30);
    await jest.advanceTimersByTimeAsync(100);
    expect(counts.stats()).toMatchObject({ exported: 12, dropped: { rejected: 18 }, queued: 0 });
    const told = warnings.mock.calls.map(([text]) => String(text));
    expect(told.filter((text) => text.includes('no such tenant'))).toHaveLength(1);
    expect(told.filter((text) => text.includes('too old'))).toHaveLength(1);
  });
});

describe('the end', () => {
  test('drops what has not left as `exit`, at once when told so, and what comes later as `stopped`', async () => {
    const { add, batcher, counts } = setUp(() => 'hang');
    add(0, 25);
    await jest.advanceTimersByTimeAsync(100);
    await batcher.end();
    add(0, 1);
    expect(counts.stats()).toMatchObject({ created: 26, dropped: { exit: 25, stopped: 1 }, queued: 0 });
  });
});

test('created = exported + dropped + queued at every moment, under any faults, and queued is what is held', async () => {
  const answer = fc.oneof(
    { weight: 3, arbitrary: fc.constant<Answer | 'hang'>(TAKEN) },
    fc.constant<Answer | 'hang'>(AWAY),
    fc.constant<Answer | 'hang'>(TOO_LARGE),
    fc.constant<Answer | 'hang'>('hang'),
    fc.constant<Answer | 'hang'>({ outcome: 'refused', message: 'no' }),
    fc.nat(12).map((rejected): Answer => ({ outcome: 'accepted', rejected, message: 'in part' })),
    fc.nat(90_000).map((afterMs): Answer => ({ outcome: 'retry', message: 'busy', afterMs })),
  );
  const step = fc.record({ records: fc.nat(60), waitMs: fc.nat(8_000), flush: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { maxLength: 40 }),
      fc.array(step, { maxLength: 15 }),
      fc.boolean(),
      async (answers, steps, graceful) => {
        const { add, batcher, outbox, counts, arrived } = setUp(() => answers.shift() ?? TAKEN, {
          maxQueueSize: 100,
        });
        let next = 0;
        for (const { records, waitMs, flush } of steps) {
          add(next, next + records);
          next += records;
          if (flush) void batcher.flush();
          await jest.advanceTimersByTimeAsync(waitMs);
          expect(counts.created).toBe(next);
          expect(arrived.length).toBe(counts.exported);
          // Records of a request that was split may have an outcome while the whole is held.
          expect(counts.stats().queued).toBeLessThanOrEqual(outbox.items + (next === 0 ? 0 : 10));
          expect(counts.stats().queued).toBeLessThanOrEqual(100);
          expect(outbox.items).toBeLessThanOrEqual(100);
        }
        if (graceful) await jest.advanceTimersByTimeAsync(60 * 60_000);
        else await batcher.end();
        const { created, exported, dropped, queued } = counts.stats();
        expect(queued).toBe(0);
        expect(created).toBe(exported + Object.values(dropped).reduce((sum, count) => sum + count, 0));
        expect(outbox.items).toBe(0);
        expect(outbox.bytes).toBe(0);
        expect(new Set(arrived).size).toBe(arrived.length);
        if (graceful) expect(dropped.exit).toBeUndefined();
      },
    ),
    { numRuns: 200 },
  );
});
