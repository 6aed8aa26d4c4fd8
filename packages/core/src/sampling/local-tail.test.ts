import fc from 'fast-check';
import { parsePolicy } from '../policy.js';
import { LocalTail, type EndFacts } from './local-tail.js';
import { SamplingEngine, type SamplingDecision } from './sampling-engine.js';
import { adjustedCountIn } from './trace-state.js';

/** Kept at 10 %, and not. */
const lucky = 'f'.repeat(32);
const unlucky = '0'.repeat(31) + '1';

function setup(tail: Record<string, number> = {}, sampling: Record<string, unknown> = {}) {
  let nowMs = 0;
  const emitted: { spans: string[]; decision: SamplingDecision }[] = [];
  let sampledOut = 0;
  const engine = new SamplingEngine({
    policy: parsePolicy({ sampling: { ...sampling, tail } }).sampling,
    serviceType: 'gateway',
    now: () => nowMs,
  });
  const local = new LocalTail<string>({
    engine,
    emit: (spans, decision) => emitted.push({ spans, decision }),
    sampledOut: (count) => (sampledOut += count),
    now: () => nowMs,
  });
  const end = (span: string, traceId: string, facts: Partial<EndFacts> = {}) => {
    local.end(span, { traceId, isRoot: false, error: false, durationMs: 1, ...facts });
  };
  return {
    local,
    end,
    root: (span: string, traceId: string, facts: Partial<EndFacts> = {}) => {
      end(span, traceId, { isRoot: true, ...facts });
    },
    emitted,
    sampledOut: () => sampledOut,
    pass: (ms: number) => {
      nowMs += ms;
      local.sweep();
    },
  };
}

test('a segment leaves as a whole when its root ends, with one decision', () => {
  const { local, end, root, emitted } = setup();
  local.start(lucky, { retained: false });
  end('child', lucky);
  expect(emitted).toEqual([]);
  root('root', lucky);
  expect(emitted).toMatchObject([
    { spans: ['child', 'root'], decision: { reason: 'rate', traceState: 'ot=th:e666' } },
  ]);
});

test('one error anywhere in it keeps it whole', () => {
  const { local, end, root, emitted } = setup();
  local.start(unlucky, { traceState: 'vendor=1', retained: false });
  end('child', unlucky, { error: true });
  expect(local.keepsWhole(unlucky)).toBe(true);
  root('root', unlucky);
  expect(emitted).toMatchObject([
    { spans: ['child', 'root'], decision: { reason: 'error', traceState: 'ot=th:0,vendor=1' } },
  ]);
});

test('what is left out is held for a while, and let go', () => {
  const { local, root, emitted, sampledOut, pass } = setup();
  local.start(unlucky, { retained: false });
  root('root', unlucky);
  expect(local.stats()).toMatchObject({ openSegments: 0, recentSpans: 1 });
  expect(sampledOut()).toBe(0);
  pass(10_001);
  expect(sampledOut()).toBe(1);
  local.keep(unlucky);
  expect(emitted).toEqual([]);
});

test('a keep from another tier takes it back, counting for nothing; before the end it is known, and has one', () => {
  const { local, root, emitted, sampledOut } = setup();
  local.start(unlucky, { retained: false });
  root('root', unlucky);
  local.keep(unlucky);
  expect(emitted).toMatchObject([
    { decision: { reason: 'retroactive', traceState: 'unhinged=c:0', adjustedCount: 0 } },
  ]);
  const open = unlucky.replace('1', '2');
  local.start(open, { retained: false });
  local.keep(open);
  root('root 2', open);
  expect(emitted[1]).toMatchObject({ decision: { reason: 'retroactive', traceState: 'ot=th:0' } });
  local.flush();
  expect(sampledOut()).toBe(0);
});

test('a late span follows the decision, and the first error among them turns it', () => {
  const { local, end, root, emitted, sampledOut } = setup();
  for (const traceId of [lucky, unlucky]) {
    local.start(traceId, { retained: false });
    root('root', traceId);
    end('late', traceId);
  }
  expect(emitted.map(({ spans }) => spans)).toEqual([['root'], ['late']]);
  end('failed', unlucky, { error: true });
  expect(emitted.at(-1)?.spans).toEqual(['root', 'late', 'failed']);
  end('later', unlucky);
  expect(emitted.at(-1)?.spans).toEqual(['later']);
  local.flush();
  expect(sampledOut()).toBe(0);
});

test('two requests of one trace in a process: one segment while they overlap; after an error the next is kept, too', () => {
  const { local, root, emitted } = setup();
  local.start(unlucky, { retained: false });
  local.start(unlucky, { retained: false });
  root('first', unlucky, { error: true });
  expect(emitted).toEqual([]);
  root('second', unlucky);
  expect(emitted.map(({ spans }) => spans)).toEqual([['first', 'second']]);
  local.start(unlucky, { retained: false });
  root('third', unlucky);
  expect(emitted.at(-1)).toMatchObject({ spans: ['third'], decision: { reason: 'retroactive' } });
});

test('limits: a long segment, many open spans, a segment that never ends are decided early, not lost', () => {
  const long = setup({ spansOfSegment: 3 });
  long.local.start(lucky, { retained: false });
  for (const span of ['a', 'b', 'c', 'd']) long.end(span, lucky);
  expect(long.emitted.map(({ spans }) => spans)).toEqual([['a', 'b', 'c'], ['d']]);

  const many = setup({ openSpans: 2, spansOfSegment: 2 });
  many.local.start(lucky, { retained: false });
  many.end('old', lucky);
  many.local.start(unlucky, { retained: false });
  many.end('new', unlucky);
  many.end('newer', unlucky, { isRoot: false });
  expect(many.local.stats().early).toBeGreaterThan(0);
  expect(many.local.stats().openSpans).toBeLessThanOrEqual(2);

  const endless = setup();
  endless.local.start(lucky, { retained: false });
  endless.end('child', lucky);
  endless.pass(60_001);
  expect(endless.emitted.map(({ spans }) => spans)).toEqual([['child']]);
});

test('large spans: what was left out is let go first, then the oldest open segment is decided', () => {
  const { local, end, root, sampledOut, emitted } = setup({ heldBytes: 1_000 });
  local.start(unlucky, { retained: false });
  root('left out', unlucky, { bytes: 600 });
  local.start(lucky, { retained: false });
  end('large', lucky, { bytes: 500 });
  expect([sampledOut(), local.stats().openSpans]).toEqual([1, 1]);
  end('larger', lucky, { bytes: 600 });
  expect(emitted.map(({ spans }) => spans)).toEqual([['large', 'larger']]);
  expect(local.stats()).toMatchObject({ heldBytes: 0, early: 1 });
});

test('beyond the error budget nobody is told of what will be left out, and what was told is kept', () => {
  const { local, end, root, emitted, pass } = setup({}, { errorsPerSecond: 1 });
  const ids = (n: number, of: string) => n.toString(16).padStart(18, '1') + of.repeat(14);
  // 64 a second: the share falls to 1 in 64 with the second second.
  const outage = () => {
    for (let n = 0; n < 64; n++) {
      local.start(ids(n, '0'), { retained: false });
      root('failed', ids(n, '0'), { error: true });
    }
  };
  local.start(unlucky, { retained: false });
  end('failing', unlucky, { error: true });
  expect(local.keepsWhole(unlucky)).toBe(true);
  for (let second = 0; second < 8; second++) {
    outage();
    pass(1_000);
  }
  const late = ids(99, '0');
  local.start(late, { retained: false });
  expect(local.keepsWhole(late, true)).toBe(false);
  local.start(lucky, { retained: false });
  expect(local.keepsWhole(lucky, true)).toBe(true);
  // Of a segment that is open no more, or never was: what its error will find.
  expect([local.keepsWhole(ids(7, '0'), true), local.keepsWhole(ids(8, 'f'), true)]).toEqual([false, true]);
  expect(local.keepsWhole(ids(8, 'f'))).toBe(false);
  root('told too late', late, { error: true });
  root('told', unlucky);
  expect(emitted.at(-1)).toMatchObject({ spans: ['failing', 'told'], decision: { traceState: 'ot=th:0' } });
});

test('whatever happens in whatever order, every span is emitted once or sampled out once, and the limits hold', () => {
  const traceId = fc.constantFrom(lucky, unlucky, 'a'.repeat(32), '8'.repeat(32), '0'.repeat(30) + 'ff');
  const step = fc.record({
    what: fc.constantFrom('start', 'start', 'end', 'end', 'root', 'keep', 'pass'),
    traceId,
    error: fc.boolean(),
    retained: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const limits = { openSpans: 10, spansOfSegment: 5, recentSpans: 6, recentSeconds: 10, heldBytes: 900 };
      const { local, end, emitted, sampledOut, pass } = setup(limits);
      let created = 0;
      for (const { what, traceId: id, error, retained } of steps) {
        if (what === 'start') local.start(id, { retained });
        else if (what === 'keep') local.keep(id);
        else if (what === 'pass') pass(4_000);
        else
          end(`span ${created++}`, id, { isRoot: what === 'root', error, bytes: 100 + (created % 5) * 50 });
        const { openSpans, recentSpans, heldBytes } = local.stats();
        expect(heldBytes).toBeLessThanOrEqual(limits.heldBytes);
        expect(heldBytes === 0).toBe(openSpans + recentSpans === 0);
        expect(openSpans).toBeLessThanOrEqual(limits.openSpans);
        expect(recentSpans).toBeLessThanOrEqual(limits.recentSpans);
        const left = emitted.flatMap(({ spans }) => spans);
        expect(left.length + sampledOut() + openSpans + recentSpans).toBe(created);
      }
      local.flush();
      const left = emitted.flatMap(({ spans }) => spans);
      expect(new Set(left).size).toBe(left.length);
      expect(local.stats().heldBytes).toBe(0);
      expect(left.length + sampledOut()).toBe(created);
    }),
    { numRuns: 500 },
  );
});

test('400,000 requests, of which 2 % are taken back: requests and errors are counted within 1 % of the truth', () => {
  const truth = { requests: 0, errors: 0 };
  const counted = { requests: 0, errors: 0, unknown: 0, revived: 0 };
  interface Ended {
    isRequest: boolean;
    error: boolean;
  }
  const local = new LocalTail<Ended>({
    engine: new SamplingEngine({ policy: parsePolicy({}).sampling, serviceType: 'gateway' }),
    emit: (spans, { traceState }) => {
      // As bridge and processor do.
      const count = adjustedCountIn(traceState);
      if (count === undefined) counted.unknown++;
      for (const { isRequest, error } of spans) {
        if (!isRequest) continue;
        if (count === 0) counted.revived++;
        counted.requests += count ?? 1;
        if (error) counted.errors += count ?? 1;
      }
    },
    sampledOut: () => undefined,
  });
  // Multiplicative congruential (Park, Miller); as a trace id its 31 bits stand at the top of the randomness.
  let seed = 20_261_130;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const hex = () =>
    Math.floor(random() * 2 ** 28)
      .toString(16)
      .padStart(7, '0');
  for (let n = 0; n < 400_000; n++) {
    const traceId = `4bf92f3577b34da6a3${hex()}${hex()}`;
    const fate = random();
    const error = fate < 0.02;
    local.start(traceId, { retained: false });
    local.end({ isRequest: true, error }, { traceId, isRoot: true, error, durationMs: 1 });
    // Another tier keeps 1 %; in another 1 % a span that ends late is the first to fail.
    if (fate > 0.99) local.keep(traceId);
    else if (fate > 0.98) {
      local.end({ isRequest: false, error: true }, { traceId, isRoot: false, error: true, durationMs: 1 });
    }
    truth.requests++;
    if (error) truth.errors++;
  }
  expect(counted.unknown).toBe(0);
  expect(counted.revived).toBeGreaterThan(6_000);
  expect(counted.errors).toBe(truth.errors);
  expect(Math.abs(counted.requests / truth.requests - 1)).toBeLessThan(0.01);
});
