import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '../recorder/span.js';
import { SafeFields, type LogLine, type SafeObject } from '@unhinged/observability-core';
import { reportProblem } from '../report.js';

/** What the user's hook is told of the item whose attributes it sees. */
export interface RedactedItem {
  signal: 'span' | 'span event' | 'log';
  /** Name of the span or event, message of the line. */
  name: string;
}

/**
 * Gets the attributes of a span, of an event in a span, or of a log line (its own, and `exception.message` and
 * `exception.stacktrace`), and gives back what may be sent of them. Must not change what it is given.
 */
export type RedactAttributes = (
  attributes: Readonly<Record<string, unknown>>,
  item: RedactedItem,
) => Record<string, unknown>;

/** A hook that fails has seen something it does not know: nothing of it is sent. */
function applied(hook: RedactAttributes, attributes: object, item: RedactedItem): Record<string, unknown> {
  try {
    const result: unknown = hook(attributes as Record<string, unknown>, item);
    if (typeof result === 'object' && result !== null) return result as Record<string, unknown>;
    throw new TypeError(`redactAttributes: expected an object of attributes, got ${typeof result}.`);
  } catch (error) {
    if (!told) reportProblem('redactAttributes failed; the attributes of such items are left out.', error);
    told = true;
    return {};
  }
}

let told = false;

/** A span as it may be sent; the span itself stays as it is. */
export function redactSpan(span: ReadableSpan, hook: RedactAttributes): ReadableSpan {
  const events = span.events.map((event) => ({
    ...event,
    attributes: applied(hook, event.attributes ?? {}, {
      signal: 'span event',
      name: event.name,
    }) as Attributes,
  }));
  const attributes = applied(hook, span.attributes, { signal: 'span', name: span.name });
  return Object.create(span, {
    attributes: { value: attributes, enumerable: true },
    events: { value: events, enumerable: true },
  }) as ReadableSpan;
}

/** A line as it may be sent. Its console copy is not asked about: it never leaves the browser. */
export function redactLine(line: LogLine, hook: RedactAttributes): LogLine {
  const item: RedactedItem = { signal: 'log', name: line.message };
  const [error, metadata] = redactError(line.error, line.metadata, hook, item);
  return line.with(SafeFields.of(metadata as SafeObject), error);
}

const ERROR_KEYS = ['exception.message', 'exception.stacktrace'];

/** An error and what stands beside it, as one set of attributes; its causes on their own. */
function redactError(
  error: LogLine['error'],
  beside: object,
  hook: RedactAttributes,
  item: RedactedItem,
): [LogLine['error'], object] {
  if (!error) return [undefined, applied(hook, beside, item)];
  const { message, stack } = error;
  const shown = applied(
    hook,
    { ...beside, 'exception.message': message, 'exception.stacktrace': stack },
    item,
  );
  const text = (key: string) => (typeof shown[key] === 'string' ? shown[key] : '');
  const redacted = {
    ...error,
    message: text('exception.message'),
    stack: text('exception.stacktrace'),
    causes: error.causes.flatMap((cause) => redactError(cause, {}, hook, item)[0] ?? []),
  };
  const rest = Object.entries(shown).filter(([key]) => !ERROR_KEYS.includes(key));
  return [redacted, Object.fromEntries(rest)];
}
