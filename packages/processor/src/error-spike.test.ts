import { runProcessor } from './testing/run-processor.js';
import { serverSpan, T0 } from './testing/span-event.js';

const spike = (of: object) => ({ alerts: { errorSpike: { minRequests: 10, ...of } } });

/** One closed window of ten seconds per entry: [requests, errors]. */
function play(policy: object, figures: readonly (readonly [number, number])[]) {
  const run = runProcessor(policy);
  figures.forEach(([requests, errors], window) => {
    for (let i = 0; i < requests; i++) {
      run.processor.process(serverSpan(window * 10_000 + 1, { error: i < errors }));
    }
  });
  // Nothing of the service in question comes any more; another one carries the watermark on.
  run.processor.process(serverSpan((figures.length + 1) * 10_000, { service: 'clock' }));
  return {
    ...run,
    seen: run.alerts.map(({ state, from, atMs }) => [state, from, (atMs - T0) / 1000]),
    wait: (seconds: number) => {
      run.processor.process(serverSpan((figures.length + 1) * 10_000 + seconds * 1000, { service: 'clock' }));
    },
  };
}

test('pending when the condition appears, firing when it has held, resolved when it is over', () => {
  const run = play(spike({ forSeconds: 10, resolveSeconds: 20 }), [
    [20, 0],
    [20, 10],
    [20, 10],
    [20, 10],
    [20, 0],
    [20, 0],
  ]);
  expect(run.seen).toEqual([
    ['pending', null, 20],
    ['firing', 'pending', 30],
    ['resolved', 'firing', 60],
  ]);
  expect(new Set(run.alerts.map(({ fingerprint }) => fingerprint)).size).toBe(1);
  expect(run.alerts[1]).toMatchObject({
    alertName: 'error_spike',
    labels: { service: 'chat', alertname: 'error_spike' },
    value: 0.5,
    threshold: 0.05,
    startsMs: T0 + 20_000,
    annotations: {
      summary: 'chat: 50.0 % of requests fail',
      description:
        '10 of 20 requests failed (50.0 %) from 2026-03-04T05:06:20.000Z to 2026-03-04T05:06:30.000Z. Allowed are 5.0 %: the larger of 5.0 % and 3 times the baseline of 0.0 %.',
    },
  });
  expect(run.alerts[1]).not.toHaveProperty('endsMs');
  expect(run.alerts[2]).toMatchObject({ startsMs: T0 + 20_000, endsMs: T0 + 60_000 });
});

test('with forSeconds 0 pending and firing come together', () => {
  expect(play(spike({ forSeconds: 0 }), [[20, 10]]).seen).toEqual([
    ['pending', null, 10],
    ['firing', 'pending', 10],
  ]);
});

test('a condition that does not hold long enough never fires', () => {
  const { seen } = play(spike({ forSeconds: 20 }), [
    [20, 10],
    [20, 10],
    [20, 0],
  ]);
  expect(seen).toEqual([
    ['pending', null, 10],
    ['resolved', 'pending', 30],
  ]);
});

test('an alert resolves when traffic stops', () => {
  const run = play(spike({ forSeconds: 0, resolveSeconds: 30 }), [[20, 20]]);
  run.wait(29);
  expect(run.alerts).toHaveLength(2);
  run.wait(30);
  expect(run.alerts[2]).toMatchObject({ state: 'resolved', endsMs: T0 + 40_000 });
});

test('an error ratio that is usual for the service is no spike', () => {
  const usual = Array.from({ length: 10 }, () => [100, 4] as const);
  expect(play(spike({}), [...usual, [100, 11], [100, 11]]).seen).toEqual([]);
  const run = play(spike({}), [...usual, [100, 13]]);
  expect(run.seen).toEqual([['pending', null, 110]]);
  expect(run.alerts[0]?.threshold).toBeCloseTo(0.12);
});

test('windows in alert do not raise the baseline', () => {
  const outage = Array.from({ length: 50 }, () => [100, 50] as const);
  // Not in the condition, but the alert is not over yet: 5 % is not what is usual either.
  const calming = Array.from({ length: 3 }, () => [100, 5] as const);
  const run = play(spike({ resolveSeconds: 40 }), [[100, 1], ...outage, ...calming, [100, 0], [100, 50]]);
  expect(run.seen.map(([state]) => state)).toEqual(['pending', 'firing', 'resolved', 'pending']);
  expect(run.alerts[3]?.threshold).toBe(0.05);
});

test.each([
  ['too few requests', {}, [9, 9]],
  ['a ratio at the limit', { ratio: 0.5 }, [10, 5]],
  ['a rule that is switched off', { enabled: false }, [100, 100]],
] as const)('%s raise nothing', (_, policy, window) => {
  expect(play(spike(policy), [window, window, window]).seen).toEqual([]);
});
