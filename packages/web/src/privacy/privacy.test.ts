import type { ReadableSpan } from '../recorder/span.js';
import { jest } from '@jest/globals';
import { LogLine, SafeFields } from '@unhinged/observability-core';
import { redactLine, redactSpan } from './redact-hook.js';
import { spanUrlsShown, urlsShown, withoutValues } from './shown-url.js';

test.each([
  ['https://shop.example/a/b', 'https://shop.example/a/b'],
  ['https://shop.example/s?q=a%20b&page=2', 'https://shop.example/s?q=REDACTED&page=REDACTED'],
  ['https://shop.example/s?flag&q=', 'https://shop.example/s?flag&q=REDACTED'],
  ['https://ann:secret@shop.example/x', 'https://shop.example/x'],
  [
    'https://shop.example/cb#access_token=abc&state=1',
    'https://shop.example/cb#access_token=REDACTED&state=REDACTED',
  ],
  ['https://shop.example/docs#part-2', 'https://shop.example/docs#part-2'],
  ['/s?a=1;b=2#/route?token=3', '/s?a=REDACTED;b=REDACTED#/route?token=REDACTED'],
  ['?q=1', '?q=REDACTED'],
  ['not a url', 'not a url'],
  ['', ''],
])('%s is shown as %s', (url, shown) => {
  expect(withoutValues(url)).toBe(shown);
  expect(withoutValues(shown)).toBe(shown);
});

test('URLs in a stack lose their values and keep their places', () => {
  const stack = `TypeError: x
    at f (https://shop.example/?user=ann:10:5)
    at https://shop.example/a.js?v=1:2:3
g@https://shop.example/a.js:2:3`;
  expect(urlsShown(stack, withoutValues)).toBe(`TypeError: x
    at f (https://shop.example/?user=REDACTED:10:5)
    at https://shop.example/a.js?v=REDACTED:2:3
g@https://shop.example/a.js:2:3`);
});

const span = (attributes: ReadableSpan['attributes'], scope = 'theirs') =>
  ({
    name: 'GET',
    attributes,
    instrumentationScope: { name: scope },
    events: [{ name: 'exception', time: [0, 0], attributes: { 'exception.message': 'for ann' } }],
    spanContext: () => ({ traceId: 'a', spanId: 'b', traceFlags: 1 }),
  }) as unknown as ReadableSpan;

test('the URLs of a foreign instrumentation lose their values too', () => {
  const theirs = span({ 'http.url': 'https://a.example/?q=1', 'url.query': 'q=1', other: '?q=1' });
  expect(spanUrlsShown(theirs, withoutValues).attributes).toEqual({
    'http.url': 'https://a.example/?q=REDACTED',
    'url.query': 'q=REDACTED',
    other: '?q=1',
  });
  expect(theirs.attributes['url.query']).toBe('q=1');
});

test('the hook sees the attributes of spans, of their events, and of lines with their errors', () => {
  const seen: string[] = [];
  const hook = (
    attributes: Readonly<Record<string, unknown>>,
    { signal, name }: { signal: string; name: string },
  ) => {
    seen.push(`${signal} ${name} ${Object.keys(attributes).join()}`);
    return Object.fromEntries(
      Object.entries(attributes).map(([key, value]) => [key, String(value).replace('ann', '*')]),
    );
  };
  const redacted = redactSpan(span({ user: 'ann' }), hook);
  expect([redacted.attributes, redacted.events[0]?.attributes, redacted.name]).toEqual([
    { user: '*' },
    { 'exception.message': 'for *' },
    'GET',
  ]);
  const cause = { type: 'E', message: 'ann again', stack: '', causes: [] };
  const line = new LogLine(1, 'info', 's', '', 'failed', 1, SafeFields.of({ of: 'ann' }));
  line.error = { type: 'E', message: 'no ann', stack: 'at ann', causes: [cause] };
  const shown = redactLine(line, hook);
  expect([shown.metadata, shown.fields.values]).toEqual([{ of: '*' }, ['*']]);
  expect(shown).toMatchObject({
    error: { type: 'E', message: 'no *', stack: 'at *', causes: [{ message: '* again' }] },
  });
  expect(seen).toEqual([
    'span event exception exception.message',
    'span GET user',
    'log failed of,exception.message,exception.stacktrace',
    'log failed exception.message,exception.stacktrace',
  ]);
});

test('of an item whose hook fails no attribute is sent', () => {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const failing = () => {
    throw new Error('hook');
  };
  expect(redactSpan(span({ user: 'ann' }), failing).attributes).toEqual({});
  expect(redactSpan(span({ user: 'ann' }), (() => undefined) as never).attributes).toEqual({});
  expect(printed).toHaveBeenCalledTimes(1);
  printed.mockRestore();
});
