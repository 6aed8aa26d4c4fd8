import { describe, expect, test } from '@jest/globals';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import fc from 'fast-check';
import { SignalCounts } from '../stats.js';
import { BatchQueue } from './batch-queue.js';

type Answer = (batch: number[]) => ExportResult | 'throw' | 'silence';

function setUp(answer: Answer, config = {}) {
  const batches: number[][] = [];
  const counts = new SignalCounts();
  const queue = new BatchQueue<number>(
    {
      export: (batch, done) => {
        batches.push(batch);
        const result = answer(batch);
        if (result === 'throw') throw new Error('broken exporter');
        if (result !== 'silence') setImmediate(done, result);
      },
      shutdown: () => Promise.resolve(),
    },
    { maxQueueSize: 100, maxBatchSize: 10, delayMs: 5, exportTimeoutMs: 50, ...config },
    counts,
    'numbers',
  );
  const add = (item: number) => {
    counts.created += 1;
    queue.add(item);
  };
  return { queue, add, batches, counts };
}
const succeed: Answer = () => ({ code: ExportResultCode.SUCCESS });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a batch queue', () => {
  test('sends full batches at once, in order, the rest on flush', async () => {
    const { queue, add, batches, counts } = setUp(succeed, { delayMs: 60_000 });
    for (const number of numbers(25)) add(number);
    await queue.flush();
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(batches.flat()).toEqual(numbers(25));
    expect(counts.stats()).toEqual({ created: 25, exported: 25, sampledOut: 0, dropped: {}, queued: 0 });
  });

  test('sends what is left after the delay without being asked', async () => {
    const { add, batches } = setUp(succeed);
    add(1);
    const deadline = Date.now() + 10_000;
    while (batches.length === 0 && Date.now() < deadline) await new Promise((go) => setTimeout(go, 5));
    expect(batches).toEqual([[1]]);
  });

  test('accounts for a burst beyond its size to the last item', async () => {
    const { queue, add, counts } = setUp(succeed);
    for (const number of numbers(10_000)) add(number);
    await queue.flush();
    // 100 waiting and the 10 that left at once.
    expect(counts.stats()).toEqual({
      created: 10_000,
      exported: 110,
      sampledOut: 0,
      dropped: { queue_full: 9_890 },
      queued: 0,
    });
  });

  test('goes on after an exporter that fails, throws or never answers', async () => {
    const answers: ReturnType<Answer>[] = [{ code: ExportResultCode.FAILED }, 'throw', 'silence'];
    const { queue, add, counts } = setUp(() => answers.shift() ?? { code: ExportResultCode.SUCCESS });
    for (const number of numbers(40)) add(number);
    await queue.flush();
    expect(counts.stats()).toMatchObject({ exported: 10, dropped: { rejected: 30 }, queued: 0 });
  });

  test('counts what comes after shutdown', async () => {
    const { queue, add, counts } = setUp(succeed);
    add(1);
    await queue.shutdown();
    add(2);
    expect(counts.stats()).toMatchObject({ created: 2, exported: 1, dropped: { stopped: 1 }, queued: 0 });
  });

  test('created = exported + dropped after any sequence of adds and flushes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(150), { maxLength: 6 }),
        fc.array(fc.boolean(), { maxLength: 20 }),
        async (bursts, outcomes) => {
          const { queue, add, batches, counts } = setUp(() => ({
            code: (outcomes.shift() ?? true) ? ExportResultCode.SUCCESS : ExportResultCode.FAILED,
          }));
          for (const burst of bursts) {
            for (const number of numbers(burst)) add(number);
            await queue.flush();
          }
          const { created, exported, dropped, queued } = counts.stats();
          expect(created).toBe(bursts.reduce((sum, burst) => sum + burst, 0));
          expect(queued).toBe(0);
          expect(exported + (dropped.rejected ?? 0)).toBe(batches.flat().length);
          expect(created).toBe(exported + (dropped.rejected ?? 0) + (dropped.queue_full ?? 0));
        },
      ),
      { numRuns: 50 },
    );
  });
});
