import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { defaultPolicy, parsePolicy } from './policy.js';

const schema = JSON.parse(readFileSync(new URL('../policy.schema.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;
const accepts = new Ajv2020({ strict: true }).compile(schema);

function parses(json: unknown): boolean {
  try {
    parsePolicy(json);
    return true;
  } catch {
    return false;
  }
}

test('the schema accepts the default policy whole', () => {
  expect(accepts(defaultPolicy)).toBe(true);
});

/** Documents that look like policies, with numbers on and off the edges and now and then a wrong key. */
const number = fc.constantFrom<unknown>(0, 1, 0.5, 2, 20, -1, 1.5, 'x', null, true);
const wrong = fc.constantFrom<unknown>(null, [], 'text', 7);
const keysOf = (of: unknown): string[] =>
  Object.keys((of as { properties?: Record<string, unknown> }).properties ?? {});
function documentOf(of: unknown): fc.Arbitrary<unknown> {
  const target = resolve(of);
  const fields = keysOf(target).map((key) => [
    key,
    documentOf((target as { properties: Record<string, unknown> }).properties[key]),
  ]);
  const { items, type } = target as { items?: unknown; type?: string };
  const extra = (target as { additionalProperties?: unknown }).additionalProperties;
  if (typeof extra === 'object' && extra !== null) {
    return fc.oneof(fc.dictionary(fc.constantFrom('a', 'b'), documentOf(extra), { maxKeys: 2 }), wrong);
  }
  if (items !== undefined) return fc.oneof(fc.array(documentOf(items), { maxLength: 2 }), wrong);
  if (type === 'string') return fc.constantFrom<unknown>('auth', 'GET', '/a/*', '', 'x', 7, null);
  if (fields.length === 0) return number;
  const record = fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
  });
  return fc.oneof(
    { arbitrary: record, weight: 12 },
    { arbitrary: record.map((fine) => ({ ...fine, unknownKey: 1 })), weight: 1 },
    { arbitrary: wrong, weight: 1 },
  );
}
function resolve(of: unknown): unknown {
  const { $ref } = of as { $ref?: string };
  if ($ref === undefined) return of;
  return (schema['$defs'] as Record<string, unknown>)[$ref.slice('#/$defs/'.length)];
}

test('schema and parser agree, except on what only the parser compares: rates within a row, limits, a target, known classes', () => {
  const parts = keysOf(schema).filter((key) => key !== '$schema');
  const one = fc
    .constantFrom(...parts)
    .chain((part) =>
      documentOf((schema['properties'] as Record<string, unknown>)[part]).map((value) => ({ [part]: value })),
    );
  const seen = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(one, (document) => {
      const bySchema = accepts(document);
      const byParser = parses(document);
      seen[byParser ? 'accepted' : 'refused']++;
      if (byParser) expect(bySchema).toBe(true);
      if (bySchema && !byParser) {
        expect(() => parsePolicy(document)).toThrow(
          /expected at least the base rate|expected at most|below 1|expected a class that has a rate/,
        );
      }
    }),
    { numRuns: 5_000 },
  );
  expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
});
