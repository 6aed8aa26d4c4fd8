import fc from 'fast-check';
import { ObservabilityError } from './errors.js';
import { defaultPolicy, parsePolicy } from './policy.js';

test('an empty file is the default policy', () => {
  expect(parsePolicy({})).toEqual(defaultPolicy);
  expect(defaultPolicy).toEqual({
    version: 1,
    lake: { rate: 0.1 },
    alerts: {
      errorSpike: {
        enabled: true,
        ratio: 0.05,
        baselineFactor: 3,
        minRequests: 20,
        forSeconds: 10,
        resolveSeconds: 30,
      },
    },
    windows: { sizeSeconds: 10, watermarkSeconds: 10, latenessSeconds: 60 },
    sampling: {
      table: {
        frontend: { rate: 0.01, operations: { user_action: 0.05 } },
        gateway: { rate: 0.1, operations: { websocket: 0.2 } },
        backend: { rate: 0.2, operations: { business: 0.5 } },
        critical: { rate: 0.8, operations: { auth: 1, pay: 1 } },
      },
      services: {},
      classes: [],
      slowMs: 0,
      errorsPerSecond: 0,
      adaptive: { keptPerSecond: 0, leastRate: 0.001 },
      tail: {
        openSpans: 50_000,
        spansOfSegment: 2_000,
        recentSpans: 2_048,
        recentSeconds: 10,
        heldBytes: 67_108_864,
      },
    },
  });
});

test('what is given replaces the default, small demo values included; the rest stays', () => {
  const policy = parsePolicy({
    alerts: { errorSpike: { minRequests: 1, forSeconds: 0.2 } },
    lake: { rate: 1 },
  });
  expect(policy.alerts.errorSpike).toEqual({
    ...defaultPolicy.alerts.errorSpike,
    minRequests: 1,
    forSeconds: 0.2,
  });
  expect(policy.lake.rate).toBe(1);
  expect(policy.windows).toEqual(defaultPolicy.windows);
});

test('reads back its own JSON and cannot be changed by accident', () => {
  expect(parsePolicy(JSON.parse(JSON.stringify(defaultPolicy)))).toEqual(defaultPolicy);
  expect(() => {
    (defaultPolicy.lake as { rate: number }).rate = 1;
  }).toThrow(TypeError);
});

test.each([
  [{ alerts: { errorSpike: { ratio: 0 } } }, 'alerts.errorSpike.ratio: expected a number above 0'],
  [
    { alerts: { errorSpike: { ratio: 7 } } },
    'alerts.errorSpike.ratio: expected a number above 0 and at most 1, got 7',
  ],
  [
    { alerts: { errorSpike: { enabled: 'no' } } },
    'alerts.errorSpike.enabled: expected true or false, got "no"',
  ],
  [
    { alerts: { errorSpike: { minRequests: 0 } } },
    'alerts.errorSpike.minRequests: expected a whole number, 1 or more, got 0',
  ],
  [{ alerts: { errorSpikes: {} } }, 'alerts.errorSpikes: unknown key; known here: errorSpike'],
  [{ windows: { sizeSeconds: 0 } }, 'windows.sizeSeconds: expected a number of seconds above 0, got 0'],
  [
    { windows: { latenessSeconds: Number.NaN } },
    'windows.latenessSeconds: expected a number of seconds, 0 or more, got NaN',
  ],
  [{ windows: [] }, 'windows: expected an object, got []'],
  [{ lake: { rate: null } }, 'lake.rate: expected a number from 0 to 1, got null'],
  [
    { sampling: { table: { gateway: { rate: 10 } } } },
    'sampling.table.gateway.rate: expected a number from 0 to 1, got 10',
  ],
  [
    { sampling: { table: { gateway: { operations: { websocket: 0.05 } } } } },
    'sampling.table.gateway.operations.websocket: expected at least the base rate 0.1, got 0.05',
  ],
  [{ sampling: { services: { pay: {} } } }, 'sampling.services.pay.rate: expected a number from 0 to 1'],
  [{ sampling: { table: { edge: {} } } }, 'sampling.table.edge: unknown key; known here: frontend, gateway'],
  [
    { sampling: { adaptive: { keptPerSecond: 5, leastRate: 1 } } },
    'sampling.adaptive.leastRate: expected a rate below 1',
  ],
  [
    { sampling: { tail: { openSpans: 10, spansOfSegment: 11 } } },
    'sampling.tail.spansOfSegment: expected at most openSpans, which is 10, got 11',
  ],
  [{ version: 2 }, 'version: expected the number 1, got 2'],
  [null, 'policy: expected an object, got null'],
  [undefined, 'policy: expected an object, got nothing'],
  [JSON.parse('{"__proto__":{}}'), '__proto__: unknown key'],
])('refuses %j', (json: unknown, message) => {
  expect(() => parsePolicy(json)).toThrow(ObservabilityError);
  expect(() => parsePolicy(json)).toThrow(message);
});

test('any JSON gives a policy or a bad_policy error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      try {
        return Object.isFrozen(parsePolicy(json));
      } catch (error) {
        return error instanceof ObservabilityError && error.code === 'bad_policy';
      }
    }),
  );
});
