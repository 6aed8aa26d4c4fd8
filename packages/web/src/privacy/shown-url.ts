import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '../recorder/span.js';

const OWN_SCOPE = '@unhinged/observability-web';
/** What stands for a value, with what is before it, as the semantic conventions for `url.full` have it. */
const REDACTED = '=REDACTED';

/**
 * A URL as it may be sent: the keys of its query without their values, no user and password, and of a fragment that holds
 * parameters (`#access_token=…`) the keys as well. Never throws; text that is no URL loses its query in the same way.
 */
export function withoutValues(url: string): string {
  for (const mark of '#?') {
    const at = url.indexOf(mark);
    if (at >= 0) return withoutValues(url.slice(0, at)) + url.slice(at).replace(/=[^&;]*/g, REDACTED);
  }
  return url.includes('@') ? url.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/@]*@/i, '$1') : url;
}

/** The same for every URL in a stack trace; the line and column that follow one stay. */
export const urlsShown = (stack: string, shown: (url: string) => string): string =>
  stack.includes('?') || stack.includes('#')
    ? stack.replace(
        /(https?:\/\/[^\s()]+?)((?::\d+){0,2}(?=[\s()]|$))/g,
        (_, url: string, place: string) => shown(url) + place,
      )
    : stack;

/** Attributes that hold a URL or a part of one, by their names now and before. */
const URL_ATTRIBUTES = ['url.full', 'http.url', 'url.query', 'http.target'] as const;

/** The URLs of a span that is not of our instruments, which have shown theirs already. */
export function spanUrlsShown(span: ReadableSpan, shown: (url: string) => string): ReadableSpan {
  if (span.instrumentationScope.name === OWN_SCOPE) return span;
  let attributes: Attributes | undefined;
  for (const key of URL_ATTRIBUTES) {
    const value = span.attributes[key];
    if (typeof value !== 'string') continue;
    const isQuery = key === 'url.query';
    attributes ??= { ...span.attributes };
    // A query comes without its question mark.
    attributes[key] = isQuery ? shown(`?${value}`).slice(1) : shown(value);
  }
  return attributes
    ? (Object.create(span, { attributes: { value: attributes, enumerable: true } }) as ReadableSpan)
    : span;
}
