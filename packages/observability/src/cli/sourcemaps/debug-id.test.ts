import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import fc from 'fast-check';
import { originalPositionFor, TraceMap, type EncodedSourceMap } from '@jridgewell/trace-mapping';
import { injectDebugId, type SourceMapJson } from './debug-id.js';

const MAP: SourceMapJson = { version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA;AACA' };
const BUNDLER_ID = '85314830-023f-4cf1-a267-535f4e37bb17';

async function built(source: string) {
  const { outputFiles } = await build({
    stdin: { contents: source, sourcefile: 'src/app.ts', loader: 'ts' },
    bundle: true,
    minify: true,
    sourcemap: true,
    outfile: '/out/app.js',
    write: false,
  });
  const text = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { code: text('.js'), map: JSON.parse(text('.map')) as SourceMapJson };
}

/** Places of the frames of a stack in a file. */
const placesIn = (stack: string, file: string) =>
  [...stack.matchAll(new RegExp(`${file}:(\\d+):(\\d+)`, 'g'))].map(([, line, column]) => ({
    line: Number(line),
    column: Number(column) - 1,
  }));

test('a file registers its id under its own name when it runs, and its map still finds every place', async () => {
  const { code, map } = await built(`globalThis.fail = () => {
    throw new Error('here');
  };`);
  const injected = injectDebugId(code, map);
  const context = createContext({}) as { fail: () => void; _unhingedDebugIds?: Record<string, string> };
  runInContext(injected.code, context, { filename: 'https://a.example/app.js' });
  const [[stack, id] = []] = Object.entries(context._unhingedDebugIds ?? {});
  expect(id).toBe(injected.debugId);
  expect(/https:[^\s()]+?(?=:\d+:\d+)/.exec(stack ?? '')?.[0]).toBe('https://a.example/app.js');
  let thrown = '';
  try {
    context.fail();
  } catch (error) {
    thrown = (error as Error).stack ?? '';
  }
  const [place] = placesIn(thrown, 'https://a.example/app.js');
  expect(place && originalPositionFor(new TraceMap(injected.map as EncodedSourceMap), place)).toMatchObject({
    source: 'src/app.ts',
    line: 2,
  });
});

test('the same build has the same id, another build another one, and injecting again changes nothing', async () => {
  const one = await built('console.log(1)');
  const same = await built('console.log(1)');
  const other = await built('console.log(2)');
  const first = injectDebugId(one.code, one.map);
  expect(injectDebugId(same.code, same.map)).toEqual(first);
  expect(injectDebugId(other.code, other.map).debugId).not.toBe(first.debugId);
  const again = injectDebugId(first.code, first.map);
  expect(again).toEqual({ ...first, changed: false });
  expect(first.debugId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('the id of a bundler is taken over, from the map or from the comment', () => {
  for (const [code, map] of [
    ['x();', { ...MAP, debugId: BUNDLER_ID }],
    ['x();', { ...MAP, debug_id: BUNDLER_ID.toUpperCase() }],
    [`x();\n//# debugId=${BUNDLER_ID}\n`, MAP],
  ] as const) {
    const injected = injectDebugId(code, map);
    expect([injected.debugId, injected.map.debugId, injected.changed]).toEqual([
      BUNDLER_ID,
      BUNDLER_ID,
      true,
    ]);
    expect(injected.code.match(/\/\/# debugId=/g)).toHaveLength(1);
  }
});

test('the comment stands before sourceMappingURL, which stays in the last line', () => {
  const { code, debugId } = injectDebugId('x();\n//# sourceMappingURL=x.js.map\n', MAP);
  expect(code.trimEnd().split('\n').slice(-2)).toEqual([
    `//# debugId=${debugId}`,
    '//# sourceMappingURL=x.js.map',
  ]);
});

test('directives keep their meaning, and a hashbang its place', () => {
  const strict = injectDebugId(
    `"use strict";globalThis.strict = (function () { return this === undefined; })();`,
    MAP,
  );
  const context = createContext({}) as { strict?: boolean };
  runInContext(strict.code, context);
  expect(context.strict).toBe(true);
  const client = injectDebugId(`'use client'; export {};`, MAP).code;
  expect(client.startsWith(`'use client';`)).toBe(true);
  const script = injectDebugId('#!/usr/bin/env node\nx();', { ...MAP, mappings: ';AAAA' });
  expect(script.code.split('\n')[0]).toBe('#!/usr/bin/env node');
  expect(script.map.mappings).toBe(';;AAAA');
});

test('whatever the text, it ends as it was, one line further, and injecting twice is injecting once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, mappings) => {
      const code = `/*${text.replaceAll('*/', '').replaceAll('#', '')}*/1;`;
      const first = injectDebugId(code, { ...MAP, mappings });
      expect(first.code.slice(first.code.indexOf('\n') + 1).startsWith(code)).toBe(true);
      expect(first.map.mappings).toBe(`;${mappings}`);
      expect(injectDebugId(first.code, first.map)).toEqual({ ...first, changed: false });
    }),
  );
});
