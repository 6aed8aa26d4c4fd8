import fc from 'fast-check';
import { DEFAULT_LAKE_RATE, lakeDecision, traceIdPasses } from './lake-routing.js';
import { thresholdOf } from './sampling/threshold.js';

const traceId = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'))
  .filter((id) => !/^0+$/.test(id));
const rate = fc.double({ min: 0, max: 1, noNaN: true });
const line = { level: 'info', service: 'chat' } as const;
const never = () => {
  throw new Error('a random draw was made');
};

test('errors, analytics services and audit records are always kept, at rate 1', () => {
  for (const always of [
    { level: 'error', service: 'chat' },
    { level: 'fatal', service: 'chat' },
    { level: 'info', service: 'chat-analytics' },
    { level: 'info', service: 'chat', category: 'audit' },
  ] as const) {
    expect(lakeDecision({ ...always, rate: 0 })).toEqual({ keep: true, rate: 1 });
  }
});

test('lines of one trace stand or fall together', () => {
  fc.assert(
    fc.property(traceId, rate, (id, r) => {
      const first = lakeDecision({ ...line, traceId: id, rate: r, random: never });
      const other = lakeDecision({
        level: 'debug',
        service: 'x',
        traceId: id.toUpperCase(),
        rate: r,
        random: never,
      });
      expect(other).toEqual(first);
      expect(first.rate).toBe(r);
    }),
  );
});

test('a lower rate keeps a subset of what a higher one keeps', () => {
  fc.assert(
    fc.property(traceId, rate, rate, (id, a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      return !traceIdPasses(id, low) || traceIdPasses(id, high);
    }),
  );
});

test('agrees with exact arithmetic on all 56 bits', () => {
  fc.assert(
    fc.property(traceId, rate, (id, r) => {
      const exact = BigInt(`0x${id.slice(-14)}`) >= BigInt(thresholdOf(r)) * 16n;
      return traceIdPasses(id, r) === exact;
    }),
  );
});

test('rate 0 keeps nothing and rate 1 everything, at both ends of the id space', () => {
  for (const id of ['f'.repeat(32), '1'.padEnd(32, '0'), '1'.padStart(32, '0')]) {
    expect(lakeDecision({ ...line, traceId: id, rate: 0 }).keep).toBe(false);
    expect(lakeDecision({ ...line, traceId: id, rate: 1 }).keep).toBe(true);
  }
});

test('keeps the share it says, within five standard deviations', () => {
  const count = 20_000;
  const ids = fc.sample(traceId, { numRuns: count, seed: 42 }).map((id) => id.slice(0, 18) + mixed(id));
  for (const r of [0.01, DEFAULT_LAKE_RATE, 0.5, 0.8]) {
    const kept = ids.filter((id) => lakeDecision({ ...line, traceId: id, rate: r }).keep).length;
    expect(Math.abs(kept - count * r)).toBeLessThan(5 * Math.sqrt(count * r * (1 - r)));
  }
});

test('without a usable trace id the draw decides', () => {
  for (const id of [undefined, '', '0'.repeat(32), 'xyz', 'ab']) {
    expect(lakeDecision({ ...line, traceId: id, rate: 0.3, random: () => 0.29 }).keep).toBe(true);
    expect(lakeDecision({ ...line, traceId: id, rate: 0.3, random: () => 0.3 }).keep).toBe(false);
  }
});

test('a senseless rate counts as the nearest sensible one', () => {
  expect(lakeDecision({ ...line, rate: Number.NaN, random: () => 0.99 })).toEqual({ keep: true, rate: 1 });
  expect(lakeDecision({ ...line, rate: 7, random: () => 0.99 })).toEqual({ keep: true, rate: 1 });
  expect(lakeDecision({ ...line, rate: -1, random: () => 0 })).toEqual({ keep: false, rate: 0 });
});

// fast-check favours small and extreme values; a share needs evenly spread ones (splitmix32 over the id).
let state = 7;
function mixed(id: string): string {
  let out = '';
  for (let part = 0; part < 2; part++) {
    state = (state + 0x9e3779b9 + Number.parseInt(id.slice(0, 8), 16)) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    out += ((z ^ (z >>> 15)) >>> 0).toString(16).padStart(8, '0');
  }
  return out.slice(0, 14);
}
