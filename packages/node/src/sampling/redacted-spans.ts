import { redactAttributes, type KeyRedaction } from '@unhinged/observability-core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { SpanSink } from '../export/span-sink.js';

/** A sink behind which no secret is left in the attributes of spans, their events and links. */
export function redactingSink(sink: SpanSink, redaction: KeyRedaction): SpanSink {
  return {
    flush: () => sink.flush(),
    shutdown: () => sink.shutdown(),
    add: (spans, traceState) => {
      sink.add(
        spans.map((span) => redactedSpan(span, redaction)),
        traceState,
      );
    },
  };
}

/** The span itself when there is nothing to redact; it stays as it is, for others may hold it. */
function redactedSpan(span: ReadableSpan, redaction: KeyRedaction): ReadableSpan {
  const attributes = redactAttributes(span.attributes, redaction);
  const events = redactedParts(span.events, redaction);
  const links = redactedParts(span.links, redaction);
  if (attributes === span.attributes && events === span.events && links === span.links) return span;
  const shown = { attributes: { value: attributes }, events: { value: events }, links: { value: links } };
  return Object.create(span, shown) as ReadableSpan;
}

function redactedParts<T extends { attributes?: object }>(parts: T[], redaction: KeyRedaction): T[] {
  let redacted: T[] | undefined;
  parts.forEach((part, index) => {
    if (part.attributes === undefined) return;
    const attributes = redactAttributes(part.attributes, redaction);
    if (attributes !== part.attributes) (redacted ??= [...parts])[index] = { ...part, attributes };
  });
  return redacted ?? parts;
}
