import {
  SpanStatusCode,
  type AttributeValue,
  type Attributes,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import { toHrTime, toMs } from './time.js';

/** Limits of the tracing SDK specification; the length of a text is ours, so that one attribute cannot fill a batch. */
const MAX_ATTRIBUTES = 128;
const MAX_EVENTS = 128;
const MAX_LINKS = 128;
export const MAX_TEXT = 16_384;

/** As the SDK of OpenTelemetry has them of a span that goes on. */
const NOT_YET: HrTime = [0, 0];
const NO_DURATION: HrTime = [-1, -1];

export interface TimedEvent {
  name: string;
  time: HrTime;
  attributes?: Attributes;
  droppedAttributesCount?: number;
}

/** A span as it is recorded: the names of the SDK's `ReadableSpan`, for whoever looks into spans. */
export interface ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly spanContext: () => SpanContext;
  readonly parentSpanContext?: SpanContext | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events: TimedEvent[];
  readonly ended: boolean;
  readonly instrumentationScope: { name: string; version?: string | undefined };
  readonly droppedAttributesCount: number;
  readonly droppedEventsCount: number;
  readonly droppedLinksCount: number;
}

/** What of a span is settled when it begins. */
export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly scope: ReadableSpan['instrumentationScope'];
  readonly startTime: TimeInput;
  readonly attributes: Attributes;
  readonly onEnd: (span: ReadableSpan) => void;
}

/**
 * A span that records. After its end it changes no more. All state is in ordinary properties: what derives an object from a span
 * must still be able to read it.
 */
export class RecordingSpan implements Span, ReadableSpan {
  name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext: SpanContext | undefined;
  readonly instrumentationScope: ReadableSpan['instrumentationScope'];
  readonly startTime: HrTime;
  endTime: HrTime = NOT_YET;
  duration: HrTime = NO_DURATION;
  status: SpanStatus = { code: SpanStatusCode.UNSET };
  readonly attributes: Attributes;
  readonly links: Link[] = [];
  readonly events: TimedEvent[] = [];
  ended = false;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  readonly spanContext: () => SpanContext;
  readonly #startMs: number;
  readonly #onEnd: SpanStart['onEnd'];
  #attributeCount: number;

  /** @param attributes The span's own from now on: at most 128, without a text that is longer than 16,384. */
  constructor(start: SpanStart, attributes: Attributes) {
    this.name = start.name;
    this.kind = start.kind;
    this.parentSpanContext = start.parent;
    this.instrumentationScope = start.scope;
    this.#startMs = toMs(start.startTime);
    this.startTime = toHrTime(this.#startMs);
    this.#onEnd = start.onEnd;
    const { context } = start;
    this.spanContext = () => context;
    this.attributes = Object.assign(attributes, start.attributes);
    this.#attributeCount = Object.keys(attributes).length;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.ended || key === '' || !isAttributeValue(value)) return this;
    if (!Object.hasOwn(this.attributes, key)) {
      if (this.#attributeCount >= MAX_ATTRIBUTES) {
        this.droppedAttributesCount++;
        return this;
      }
      this.#attributeCount++;
    }
    this.attributes[key] = short(value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined) this.setAttribute(key, value);
    }
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.ended) return this;
    if (this.events.length >= MAX_EVENTS) {
      // The newest tell what went wrong.
      this.events.shift();
      this.droppedEventsCount++;
    }
    const isTime =
      typeof attributesOrTime === 'number' ||
      attributesOrTime instanceof Date ||
      Array.isArray(attributesOrTime);
    this.events.push({
      name,
      time: toHrTime(toMs(isTime ? attributesOrTime : time)),
      attributes: isTime ? {} : checked(attributesOrTime),
    });
    return this;
  }

  addLink(link: Link): this {
    if (this.ended) return this;
    if (this.links.length >= MAX_LINKS) this.droppedLinksCount++;
    else this.links.push({ ...link, attributes: checked(link.attributes) });
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: SpanStatus): this {
    // OK is final, and nothing goes back to unset.
    if (this.ended || code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    this.status = code === SpanStatusCode.ERROR && typeof message === 'string' ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.ended) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const { code, name, message, stack } =
      typeof exception === 'string'
        ? { code: undefined, name: undefined, message: exception, stack: undefined }
        : exception;
    const type = code === undefined ? name : code.toString();
    this.addEvent(
      'exception',
      {
        ...(type && { 'exception.type': type }),
        ...(message && { 'exception.message': message }),
        ...(stack && { 'exception.stacktrace': stack }),
      },
      time,
    );
  }

  isRecording(): boolean {
    return !this.ended;
  }

  end(time?: TimeInput): void {
    if (this.ended) return;
    // An end before the start is a clock's mistake.
    const endMs = Math.max(toMs(time), this.#startMs);
    this.endTime = toHrTime(endMs);
    this.duration = toHrTime(endMs - this.#startMs);
    this.ended = true;
    this.#onEnd(this);
  }
}

const isAttributeValue = (value: unknown): value is AttributeValue =>
  typeof value === 'string' ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  Array.isArray(value);

const short = (value: AttributeValue): AttributeValue =>
  typeof value === 'string' && value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value;

function checked(attributes: Attributes | undefined): Attributes {
  const result: Attributes = {};
  for (const [key, value] of Object.entries(attributes ?? {}).slice(0, MAX_ATTRIBUTES)) {
    if (isAttributeValue(value)) result[key] = short(value);
  }
  return result;
}
