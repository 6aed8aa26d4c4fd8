// The size of the browser tier is a promise: measured from the sources, the same on every machine.
import { beforeAll, expect, test } from '@jest/globals';

import { bundle } from '../bench/web/bundle.mjs';
import { BUDGETS, ownSizes } from '../bench/web/budgets.mjs';
import { OURS } from '../bench/web/pages/index.mjs';

const define = { __OTLP__: '"http://localhost:4318"' };
let sizes;

beforeAll(async () => {
  sizes = await ownSizes({ source: true });
});

const holds = (name) => {
  const { of, bytes } = BUDGETS[name];
  expect(sizes[name][of]).toBeLessThanOrEqual(bytes);
};

test.each(Object.keys(BUDGETS))('%s is within its budget', holds);

test('what a page does not use is not in its bundle, and vitals are no part of the first load', async () => {
  const parts = async (name) => {
    const { metafile } = await bundle(OURS[name], { source: true, define });
    const [, entry] = Object.entries(metafile.outputs).find(([path]) => path.endsWith('page.js'));
    return Object.entries(entry.inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [path] : [],
    );
  };
  const has = (list, part) => list.some((path) => path.includes(part));
  const core = await parts('core');
  for (const unused of [
    'xhr',
    'navigation',
    'user-actions',
    'websocket',
    'long-frames',
    'web-vitals',
    'instrument/console',
    'meter-provider',
  ]) {
    expect([unused, has(core, `/${unused}`)]).toEqual([unused, false]);
  }
  expect(has(core, 'instrument/fetch')).toBe(true);
  const everything = await parts('everything');
  expect(has(everything, 'instrument/web-vitals.ts')).toBe(true);
  expect(has(everything, 'node_modules/web-vitals')).toBe(false);
  expect(has(await parts('loggerOnly'), 'recorder/')).toBe(false);
});
