import fc from 'fast-check';
import { parsePolicy } from '../policy.js';
import { SamplingEngine, type SegmentFacts } from './sampling-engine.js';
import { NEVER } from './threshold.js';
import { readOtelState } from './trace-state.js';

type Sampling = Record<string, unknown>;
const engineOf = (sampling: Sampling = {}, options: { service?: string; now?: () => number } = {}) =>
  new SamplingEngine({ policy: parsePolicy({ sampling }).sampling, serviceType: 'gateway', ...options });

/** Evenly spread 32-bit words from a seed (splitmix32). */
function words(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
}
/** Trace ids whose randomness is evenly spread. */
function traceIds(seed: number): () => string {
  const word = words(seed);
  const hex = () => word().toString(16).padStart(8, '0');
  return () => `4bf92f3577b34da6${hex()}${hex()}`;
}
const plain = (traceId: string, facts: Partial<SegmentFacts> = {}): SegmentFacts => ({
  traceId,
  error: false,
  durationMs: 5,
  retained: false,
  ...facts,
});
const lowest = '0'.repeat(17) + '1'.padStart(15, '0');
const highest = 'f'.repeat(32);

test('an error, a slow segment and one that another tier keeps are kept whole, whatever the randomness', () => {
  const engine = engineOf({ slowMs: 1_000 });
  expect(engine.decide(plain(lowest))).toEqual({
    keep: false,
    reason: 'rate',
    traceState: '',
    adjustedCount: 0,
  });
  const whole = { keep: true, traceState: 'ot=th:0', adjustedCount: 1 };
  expect(engine.decide(plain(lowest, { error: true }))).toEqual({ ...whole, reason: 'error' });
  expect(engine.decide(plain(lowest, { durationMs: 1_000 }))).toEqual({ ...whole, reason: 'latency' });
  expect(engine.decide(plain(lowest, { retained: true }))).toEqual({ ...whole, reason: 'retroactive' });
});

test('the rates are those of the class, else of the service, else of the table', () => {
  const rateOf = (engine: SamplingEngine, operation?: string) => {
    const { adjustedCount, reason } = engine.decide(plain(highest, { operation }));
    return [Number((1 / adjustedCount).toFixed(4)), reason];
  };
  expect(rateOf(engineOf())).toEqual([0.1, 'rate']);
  expect(rateOf(engineOf(), 'websocket')).toEqual([0.2, 'operation']);
  expect(rateOf(engineOf(), 'toString')).toEqual([0.1, 'rate']);
  const services = { pay: { rate: 0.5, operations: { refund: 1 } } };
  expect(rateOf(engineOf({ services }, { service: 'pay' }))).toEqual([0.5, 'rate']);
  expect(rateOf(engineOf({ services }, { service: 'pay' }), 'refund')).toEqual([1, 'operation']);
  expect(rateOf(engineOf({ services }, { service: '__proto__' }))).toEqual([0.1, 'rate']);
});

test('foreign trace state and rv stay; rv decides where it is given', () => {
  const engine = engineOf();
  const traceState = 'vendor=1,ot=th:8;rv:ffffffffffffff';
  expect(engine.decide(plain(lowest, { traceState }))).toMatchObject({
    keep: true,
    traceState: 'ot=th:e666;rv:ffffffffffffff,vendor=1',
  });
  expect(engine.decide(plain(highest, { traceState: 'ot=rv:00000000000000' }))).toMatchObject({
    keep: false,
    traceState: 'ot=rv:00000000000000',
  });
});

test('a new policy holds from the next decision on', () => {
  const engine = engineOf();
  expect(engine.decide(plain(lowest)).keep).toBe(false);
  engine.setPolicy(parsePolicy({ sampling: { table: { gateway: { rate: 1 } } } }).sampling);
  expect(engine.decide(plain(lowest))).toMatchObject({ keep: true, traceState: 'ot=th:0' });
});

test('what 1 % keeps, 10 % keeps, and what is expected at the start is what is decided at the end', () => {
  const next = traceIds(1);
  const one = engineOf({ table: { gateway: { rate: 0.01 } } });
  const ten = engineOf();
  const odd = { lost: 0, unexpected: 0 };
  for (let n = 0; n < 20_000; n++) {
    const id = next();
    const kept = ten.decide(plain(id)).keep;
    if (one.decide(plain(id)).keep && !kept) odd.lost++;
    if (ten.expect(id, undefined).keep !== kept) odd.unexpected++;
  }
  expect(odd).toEqual({ lost: 0, unexpected: 0 });
});

test('thresholds keep evenly: chi-square over 64 cells of randomness, p above 0.001', () => {
  const next = traceIds(2);
  const engine = engineOf({ table: { gateway: { rate: 0.5 } } });
  const cells = new Array<number>(64).fill(0);
  let kept = 0;
  for (let n = 0; n < 200_000; n++) {
    const id = next();
    if (!engine.decide(plain(id)).keep) continue;
    kept++;
    // The kept half of the space, cut in 64.
    const cell = Math.floor((Number.parseInt(id.slice(18, 31), 16) / NEVER - 0.5) * 128);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  const expected = kept / 64;
  const chiSquare = cells.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
  // 63 degrees of freedom: 103.4 is the 0.999 quantile.
  expect(chiSquare).toBeLessThan(103.4);
});

test('a million requests, 10 % base, 2 % errors, load varying 10x: every error kept, counts within 1 % of the truth, kept rate at its target', () => {
  let nowMs = 0;
  const target = 60;
  const engine = engineOf({ adaptive: { keptPerSecond: target } }, { now: () => nowMs });
  const next = traceIds(3);
  const random = words(4);
  const truth = { requests: 0, errors: 0 };
  const counted = { requests: 0, errors: 0 };
  let missed = 0;
  const perSecond: number[] = [];
  for (let second = 0; truth.requests < 1_000_000; second++) {
    // 100 to 1,000 requests a second, in a slow wave.
    const load = Math.round(550 + 450 * Math.sin(second / 60));
    let kept = 0;
    for (let n = 0; n < load; n++) {
      nowMs = second * 1_000 + (n * 1_000) / load;
      const error = random() < 0.02 * 2 ** 32;
      const decision = engine.decide(plain(next(), { error }));
      truth.requests++;
      counted.requests += decision.adjustedCount;
      if (error) {
        truth.errors++;
        counted.errors += decision.adjustedCount;
        if (!decision.keep) missed++;
      } else if (decision.keep) {
        kept++;
      }
    }
    // Below 600 requests a second the table's rate keeps fewer than the target.
    if (load > 700) perSecond.push(kept);
  }
  expect(missed).toBe(0);
  expect(counted.errors).toBe(truth.errors);
  expect(Math.abs(counted.requests / truth.requests - 1)).toBeLessThan(0.01);
  const mean = perSecond.reduce((sum, kept) => sum + kept, 0) / perSecond.length;
  expect(mean).toBeGreaterThan(target * 0.85);
  expect(mean).toBeLessThan(target * 1.05);
  expect(Math.max(...perSecond)).toBeLessThan(target * 3);
});

test("when load falls the rate is the table's again", () => {
  let nowMs = 0;
  const engine = engineOf({ adaptive: { keptPerSecond: 5 } }, { now: () => nowMs });
  const next = traceIds(5);
  const rate = () => Number((1 / engine.decide(plain(highest)).adjustedCount).toFixed(4));
  for (let n = 0; n < 100_000; n++) {
    nowMs += 0.1;
    engine.decide(plain(next()));
  }
  expect(rate()).toBeLessThan(0.001 * 1.5);
  nowMs += 60_000;
  rate();
  nowMs += 1_000;
  expect(rate()).toBe(0.1);
});

test('an error budget bounds an outage, below the ordinary rate, too, and weighted counts stay true', () => {
  let nowMs = 0;
  const engine = engineOf({ errorsPerSecond: 50 }, { now: () => nowMs });
  const next = traceIds(6);
  let errors = 0;
  let counted = 0;
  let kept = 0;
  let first = 0;
  const reasons = new Set<string>();
  // 2,000 a second for two minutes; a gateway keeps 200 ordinary ones of so many.
  for (; nowMs < 120_000; nowMs += 0.5) {
    errors++;
    const decision = engine.decide(plain(next(), { error: true }));
    counted += decision.adjustedCount;
    if (!decision.keep) continue;
    if (nowMs < 1_000) first++;
    else kept++;
    reasons.add(decision.reason);
  }
  expect(kept / 119).toBeGreaterThan(40);
  expect(kept / 119).toBeLessThan(55);
  // The first second knows nothing of what comes: twice the budget for each halving of the share.
  expect(first).toBeLessThan(700);
  expect(Math.abs(counted / errors - 1)).toBeLessThan(0.02);
  expect(reasons).toEqual(new Set(['error', 'budget']));
});

test('an error that another tier keeps is kept beyond the own budget: that tier has paid for it', () => {
  const engine = engineOf({ errorsPerSecond: 1 }, { now: () => 0 });
  for (let n = 0; n < 100; n++) engine.decide(plain(highest, { error: true }));
  expect(engine.decide(plain(lowest, { error: true })).keep).toBe(false);
  expect(engine.decide(plain(lowest, { error: true, retained: true }))).toMatchObject({
    keep: true,
    traceState: 'ot=th:0',
  });
});

test('whatever the policy and the segment, a kept one says its threshold and a dropped one none', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      share,
      fc.nat(100),
      fc.boolean(),
      fc.boolean(),
      fc.stringMatching(/^[0-9a-f]{32}$/),
      (rate, keptPerSecond, error, retained, id) => {
        const engine = engineOf({
          table: { gateway: { rate, operations: { websocket: 1 } } },
          adaptive: { keptPerSecond },
        });
        const { keep, traceState, adjustedCount } = engine.decide(plain(id, { error, retained }));
        expect(readOtelState(traceState).th !== undefined).toBe(keep);
        expect(keep ? adjustedCount >= 1 && Number.isFinite(adjustedCount) : adjustedCount === 0).toBe(true);
        if (error || retained) expect(keep).toBe(true);
      },
    ),
  );
});
