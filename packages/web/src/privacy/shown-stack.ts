import { SafeFields, type LogLine } from '@unhinged/observability-core';
import { ATTR_DEBUG_IDS, debugIdsOf } from '../debug-ids.js';
import type { ReadableSpan } from '../recorder/span.js';
import { urlsShown } from './shown-url.js';

const STACK = 'exception.stacktrace';
type ShowUrl = (url: string) => string;

/** An error line with its stack as it may be sent, and the debug ids of the files in it. */
export function withShownStack(line: LogLine, shown: ShowUrl): LogLine {
  const { error, fields } = line;
  if (!error) return line;
  const ids = debugIdsOf(error.stack, shown);
  return line.with(ids.length === 0 ? fields : SafeFields.of({ ...line.metadata, [ATTR_DEBUG_IDS]: ids }), {
    ...error,
    stack: urlsShown(error.stack, shown),
  });
}

/** The same for the exceptions in a span. */
export function withShownStacks(span: ReadableSpan, shown: ShowUrl): ReadableSpan {
  if (!span.events.some(({ attributes }) => attributes?.[STACK] !== undefined)) return span;
  const events = span.events.map((event) => {
    const stack = event.attributes?.[STACK];
    if (typeof stack !== 'string') return event;
    const ids = debugIdsOf(stack, shown);
    const attributes = {
      ...event.attributes,
      [STACK]: urlsShown(stack, shown),
      ...(ids.length > 0 && { [ATTR_DEBUG_IDS]: ids }),
    };
    return { ...event, attributes };
  });
  return Object.create(span, { events: { value: events, enumerable: true } }) as ReadableSpan;
}
