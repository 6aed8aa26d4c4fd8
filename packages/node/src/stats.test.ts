import { expect, test } from '@jest/globals';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { observeCounts, SignalCounts, type DropReason } from './stats.js';

class Reader extends MetricReader {
  protected override onForceFlush = () => Promise.resolve();
  protected override onShutdown = () => Promise.resolve();
}

test('the metrics add up: created = exported + sampled out + dropped + queued, and say what stats() says', async () => {
  const counts = new SignalCounts();
  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  observeCounts(provider.getMeter('test'), { spans: counts });
  const reason = fc.constantFrom<DropReason>('queue_full', 'rejected', 'exit');
  await fc.assert(
    fc.asyncProperty(fc.nat(50), fc.nat(50), fc.array(reason), fc.nat(50), async (out, left, lost, held) => {
      counts.created += out + left + lost.length + held;
      counts.exported += out;
      counts.sampledOut += left;
      for (const each of lost) counts.drop(each);
      const { resourceMetrics } = await reader.collect();
      const points = resourceMetrics.scopeMetrics
        .flatMap(({ metrics }) => metrics)
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, ...attributes, value })),
        ) as { name: string; outcome?: string; reason?: string; value: number }[];
      const sum = (which: (point: (typeof points)[number]) => boolean) =>
        points.filter(which).reduce((total, { value }) => total + value, 0);
      const created = sum(({ outcome }) => outcome === 'created');
      const queued = sum(({ name }) => name === 'unhinged.sdk.queued');
      const stats = counts.stats();
      expect(created).toBe(stats.created);
      expect(queued).toBe(stats.queued);
      expect(created).toBe(
        queued + sum(({ name, outcome }) => name === 'unhinged.sdk.records' && outcome !== 'created'),
      );
      for (const each of lost) {
        expect(sum(({ outcome, reason: why }) => outcome === 'dropped' && why === each)).toBe(
          stats.dropped[each],
        );
      }
    }),
    { numRuns: 50 },
  );
  await provider.shutdown();
});
