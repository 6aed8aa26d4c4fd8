import { type EnvelopeHead, type Piece, readHead } from './envelope-head.js';
import type { EventRecord } from './transport.js';

/** Takes headers one after the other, each value piece by piece: as text, or as bytes of a Kafka batch. */
export interface HeaderSink {
  begin(name: string): void;
  text(text: string): void;
  piece(bytes: Uint8Array, start: number, end: number): void;
  end(): void;
}

/**
 * Headers of a record in Kafka: the CloudEvents Kafka protocol binding 1.0.2 in binary mode, W3C trace context, and emitter and sequence, by which
 * a reader sees a loss. Only the record's own headers when it is an OTLP batch (no event type).
 *
 * @throws WireError when the value is no event.
 */
export function eventHeaders(record: EventRecord): Record<string, string> {
  if (record.eventType === '') return { 'content-type': 'application/x-protobuf', ...record.headers };
  const derived = new TextHeaders();
  writeEventHeaders(record.eventType, readHead(record.value), derived);
  return { ...derived.headers, ...record.headers };
}

const HEADERS = 8;

/** How many headers `writeEventHeaders` writes. */
export const eventHeaderCount = (head: EnvelopeHead): number => HEADERS + (hasTrace(head) ? 1 : 0);

/** Writes the headers that are made of the event. */
export function writeEventHeaders(eventType: string, head: EnvelopeHead, sink: HeaderSink): void {
  const { bytes } = head;
  const piece = ({ start, end }: Piece): void => {
    sink.piece(bytes, start, end);
  };
  const text = (name: string, value: string): void => {
    sink.begin(name);
    sink.text(value);
    sink.end();
  };
  text('ce_specversion', '1.0');
  sink.begin('ce_id');
  piece(head.eventId);
  sink.end();
  sink.begin('ce_type');
  sink.text('observability.');
  sink.text(eventType);
  sink.end();
  sink.begin('ce_source');
  sink.text(sourceOf(head));
  piece(head.emitterId);
  sink.end();
  text('ce_time', rfc3339(head.seconds, head.nanos));
  text('content-type', 'application/protobuf');
  if (hasTrace(head)) {
    sink.begin('traceparent');
    sink.text('00-');
    piece(head.traceId);
    sink.text('-');
    piece(head.spanId);
    sink.text('-01');
    sink.end();
  }
  sink.begin('x-emitter-id');
  piece(head.emitterId);
  sink.end();
  text('x-seq', head.sequenceNumber.toString());
}

const hasTrace = ({ traceId, spanId }: EnvelopeHead): boolean =>
  traceId.end > traceId.start && spanId.end > spanId.start;

class TextHeaders implements HeaderSink {
  readonly headers: Record<string, string> = {};
  readonly #decoder = new TextDecoder();
  #name = '';
  #value = '';

  begin(name: string): void {
    this.#name = name;
    this.#value = '';
  }

  text(text: string): void {
    this.#value += text;
  }

  piece(bytes: Uint8Array, start: number, end: number): void {
    this.#value += this.#decoder.decode(bytes.subarray(start, end));
  }

  end(): void {
    this.headers[this.#name] = this.#value;
  }
}

/** Events of one batch are mostly of one service. */
let lastSource = { service: new Uint8Array(), text: '//' };

/** The service as the beginning of a URI reference. */
function sourceOf(head: EnvelopeHead): string {
  const { start, end } = head.serviceName;
  const { service } = lastSource;
  let same = end - start === service.length;
  for (let at = 0; same && at < service.length; at++) same = service[at] === head.bytes[start + at];
  if (!same) {
    lastSource = {
      service: head.bytes.slice(start, end),
      text: `/${encodeURIComponent(head.text(head.serviceName))}/`,
    };
  }
  return lastSource.text;
}

/** And of one second. */
let lastSecond = { seconds: NaN, text: '' };

/** RFC 3339 in UTC with all nine digits. */
function rfc3339(seconds: number, nanos: number): string {
  if (seconds !== lastSecond.seconds)
    lastSecond = { seconds, text: new Date(seconds * 1_000).toISOString().slice(0, 19) };
  return `${lastSecond.text}.${nanos.toString().padStart(9, '0')}Z`;
}
