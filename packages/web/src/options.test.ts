import fc from 'fast-check';
import { originPattern, resolveOptions } from './options.js';

const matches = (item: unknown, url: string) => originPattern(item)?.test(url) ?? false;

test('an address allows what is under it, and nothing that only looks like it', () => {
  expect(matches('https://api.example.com', 'https://api.example.com/v1/x')).toBe(true);
  expect(matches('https://api.example.com/', 'https://api.example.com/')).toBe(true);
  expect(matches('HTTPS://API.example.com:443', 'https://api.example.com/x')).toBe(true);
  expect(matches('https://example.com/api', 'https://example.com/api?x=1')).toBe(true);
  expect(matches('https://example.com/api', 'https://example.com/apis')).toBe(false);
  expect(matches('https://api.example.com', 'https://api.example.com.evil.net/')).toBe(false);
  expect(matches('https://api.example.com', 'https://api.example.com:8443/')).toBe(false);
  expect(matches('https://api.example.com', 'https://evil.net/?https://api.example.com/')).toBe(false);
  expect(matches('https://a.b', 'https://aXb/')).toBe(false);
  for (const bad of ['api.example.com', '*', '', 7, null, 'http://'])
    expect(originPattern(bad)).toBeUndefined();
});

test('any options give settings, and every problem is told as a text', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (all, one, other) => {
      const problems: string[] = [];
      for (const options of [
        all,
        { service: one, endpoint: other, propagateTo: one, attributes: other, flags: one },
      ]) {
        const settings = resolveOptions(options, (problem) => problems.push(problem));
        expect(settings.endpoint).toMatch(/^https?:\/\//);
        expect(settings.service).not.toBe('');
      }
      expect(problems.every((problem) => problem.length > 0)).toBe(true);
    }),
  );
});

test('good options raise no problem', () => {
  const problems: string[] = [];
  const settings = resolveOptions(
    {
      service: 'shop',
      endpoint: 'http://collector:4318/',
      propagateTo: [/x/],
      attributes: { a: 1 },
      flags: '+D',
    },
    (problem) => problems.push(problem),
  );
  expect(problems).toEqual([]);
  expect(settings).toMatchObject({
    endpoint: 'http://collector:4318',
    flags: '+D',
    metricIntervalMs: 10_000,
  });
});
