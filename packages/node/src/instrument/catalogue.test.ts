import { expect, test } from '@jest/globals';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { CATALOGUE, PACKAGE_PREFIX } from './catalogue.js';
import { packageOf } from './on-first-load.js';

test('the catalogue is what the auto-instrumentations hold', () => {
  const all = Object.keys(CATALOGUE).filter((key) => CATALOGUE[key]?.className !== null);
  const enabled = Object.fromEntries(all.map((key) => [PACKAGE_PREFIX + key, { enabled: true }]));
  const made = getNodeAutoInstrumentations(enabled);
  const actual = made.map((each) => {
    const { _modules } = each as unknown as { _modules?: { name: string }[] };
    const key = each.instrumentationName.replace(PACKAGE_PREFIX, '');
    // Redis holds two others, whose packages it does not tell.
    const patches = key === 'redis' ? CATALOGUE['redis']?.patches : (_modules ?? []).map(({ name }) => name);
    return [key, each.constructor.name, [...new Set(patches)].sort()];
  });
  for (const each of made) each.disable();
  const ours = all.map((key) => [
    key,
    CATALOGUE[key]?.className,
    [...(CATALOGUE[key]?.patches ?? [])].sort(),
  ]);
  expect(actual.sort()).toEqual(ours.sort());
});

test.each([
  ['/app/node_modules/express/lib/express.js', 'express'],
  ['/app/node_modules/@scope/name/index.js', '@scope/name'],
  ['/app/node_modules/.pnpm/pg@8.0.0/node_modules/pg/lib/index.js', 'pg'],
  ['/app/node_modules/a/node_modules/b/c.js', 'b'],
  ['C:\\app\\node_modules\\@scope\\name\\index.js', '@scope/name'],
  ['/app/src/express/index.js', undefined],
])('%s is of %s', (file, name) => {
  expect(packageOf(file)).toBe(name);
});
