import {
  diag,
  SpanStatusCode,
  type Attributes,
  type AttributeValue,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import {
  addHrTimes,
  hrTimeDuration,
  isAttributeValue,
  isTimeInput,
  millisToHrTime,
  timeInputToHrTime,
  type InstrumentationScope,
} from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';
import type { TracerParts } from './tracer.js';

const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });
/** Of a span without its texts, and of an event or a link. */
const SPAN_BYTES = 512;
const PART_BYTES = 128;
const NO_EVENTS: TimedEvent[] = [];
const NO_LINKS: Link[] = [];
/** After so long the clock is read anew: a monotonic clock drifts from the time of day, and stands still with the machine. */
const ANCHOR_MS = 60_000;

/**
 * A span that records. It behaves as the SDK's own, to which a test compares it call by call, but does its work once and late: nine
 * of ten spans are left out after all, so what only an exporter needs (times as seconds and nanoseconds, empty lists) is made when
 * asked for.
 */
export class RecordingSpan implements Span, ReadableSpan {
  readonly attributes: Attributes = {};
  status: SpanStatus = UNSET;
  ended = false;
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  /** About what it takes in memory, in bytes; the values of removed events and replaced attributes stay counted. */
  heldBytes = SPAN_BYTES;
  private attributeCount = 0;
  private ownEvents: TimedEvent[] | undefined = undefined;
  private ownLinks: Link[] | undefined = undefined;
  /** Milliseconds of the monotonic clock. */
  private readonly startedAt = performance.now();
  private readonly startMs: number;
  private startHr: HrTime | undefined = undefined;
  private endHr: HrTime | undefined = undefined;
  private durationMs = -1;

  constructor(
    private readonly context: SpanContext,
    readonly parentSpanContext: SpanContext | undefined,
    public name: string,
    readonly kind: SpanKind,
    private readonly parts: TracerParts,
    parent: RecordingSpan | undefined,
    startTime: TimeInput | undefined,
  ) {
    if (startTime !== undefined) this.startHr = this.time(startTime);
    // Spans of one request share one reading of the time of day, so that a child never seems to begin before its parent.
    const age = parent === undefined ? Infinity : this.startedAt - parent.startedAt;
    this.startMs =
      parent === undefined || parent.startHr !== undefined || age > ANCHOR_MS
        ? Date.now()
        : parent.startMs + age;
  }

  get resource(): Resource {
    return this.parts.resource;
  }
  get instrumentationScope(): InstrumentationScope {
    return this.parts.scope;
  }
  get startTime(): HrTime {
    return this.startHr ?? millisToHrTime(this.startMs);
  }
  /** `[0, 0]` until it has ended. */
  get endTime(): HrTime {
    if (this.endHr !== undefined) return this.endHr;
    return this.ended ? addHrTimes(this.startTime, millisToHrTime(this.durationMs)) : [0, 0];
  }
  get duration(): HrTime {
    if (!this.ended) return [-1, -1];
    return this.endHr === undefined
      ? millisToHrTime(this.durationMs)
      : hrTimeDuration(this.startTime, this.endHr);
  }
  get events(): TimedEvent[] {
    return this.ownEvents ?? NO_EVENTS;
  }
  get links(): Link[] {
    return this.ownLinks ?? NO_LINKS;
  }

  spanContext(): SpanContext {
    return this.context;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(key: string, value: unknown): this {
    if (value === undefined || value === null || this.isOver()) return this;
    if (key.length === 0 || !isUsable(value)) {
      diag.warn(`Invalid attribute of span '${this.name}': '${key}'`);
      return this;
    }
    const { attributes } = this;
    if (!Object.hasOwn(attributes, key)) {
      if (this.attributeCount >= (this.parts.limits.attributeCountLimit ?? Infinity)) {
        this.droppedAttributesCount += 1;
        return this;
      }
      this.attributeCount += 1;
    }
    const own = this.cut(value);
    attributes[key] = own;
    this.heldBytes += sizeOf(own);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) if (Object.hasOwn(attributes, key)) this.setAttribute(key, attributes[key]);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.isOver()) return this;
    const { eventCountLimit = Infinity, attributePerEventCountLimit } = this.parts.limits;
    if (eventCountLimit === 0) {
      this.droppedEventsCount += 1;
      return this;
    }
    const events = (this.ownEvents ??= []);
    if (events.length >= eventCountLimit) {
      events.shift();
      this.droppedEventsCount += 1;
    }
    const isTime = isTimeInput(attributesOrTime);
    const [attributes, dropped] = this.limited(
      isTime ? undefined : attributesOrTime,
      attributePerEventCountLimit,
    );
    const at = isTime && !isTimeInput(time) ? attributesOrTime : time;
    this.heldBytes += PART_BYTES;
    events.push({ name, attributes, time: this.time(at), droppedAttributesCount: dropped });
    return this;
  }

  addLink({ context, attributes }: Link): this {
    if (this.isOver()) return this;
    const { linkCountLimit = Infinity, attributePerLinkCountLimit } = this.parts.limits;
    if (linkCountLimit === 0) {
      this.droppedLinksCount += 1;
      return this;
    }
    const links = (this.ownLinks ??= []);
    if (links.length >= linkCountLimit) {
      links.shift();
      this.droppedLinksCount += 1;
    }
    const [own, dropped] = this.limited(attributes, attributePerLinkCountLimit);
    this.heldBytes += PART_BYTES;
    links.push({
      context,
      ...(Object.keys(own).length > 0 && { attributes: own }),
      ...(dropped > 0 && { droppedAttributesCount: dropped }),
    });
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: SpanStatus): this {
    // OK is final (specification, "Set Status").
    if (this.isOver() || code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    this.status = code === SpanStatusCode.ERROR && typeof message === 'string' ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.isOver()) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const of = typeof exception === 'string' ? { message: exception } : exception;
    const type = of.code ? of.code.toString() : of.name;
    if (!type && !of.message) {
      diag.warn(`Span '${this.name}': an exception without type and message is not recorded`);
      return;
    }
    const attributes: Attributes = {};
    if (type) attributes['exception.type'] = type;
    if (of.message) attributes['exception.message'] = of.message;
    if (of.stack) attributes['exception.stacktrace'] = of.stack;
    this.addEvent('exception', attributes, time);
  }

  end(endTime?: TimeInput): void {
    if (this.isOver()) return;
    if (endTime === undefined && this.startHr === undefined) {
      this.durationMs = performance.now() - this.startedAt;
    } else {
      const end = this.time(endTime);
      const isNegative = hrTimeDuration(this.startTime, end)[0] < 0;
      if (isNegative) diag.warn(`Span '${this.name}' ends before it starts; its duration is set to 0`);
      this.endHr = isNegative ? this.startTime : end;
    }
    this.ended = true;
    this.parts.processor.onEnd(this);
  }

  private time(input: TimeInput | undefined): HrTime {
    if (input !== undefined && isTimeInput(input)) {
      const now = performance.now();
      if (typeof input === 'number' && input <= now) return millisToHrTime(Date.now() - now + input);
      return timeInputToHrTime(input);
    }
    // Beside a start that the user gave, only the time of day makes sense.
    if (this.startHr !== undefined) return millisToHrTime(Date.now());
    return addHrTimes(this.startTime, millisToHrTime(performance.now() - this.startedAt));
  }

  private limited(attributes: Attributes | undefined, limit = Infinity): [kept: Attributes, dropped: number] {
    const kept: Attributes = {};
    let count = 0;
    let dropped = 0;
    for (const [key, value] of Object.entries(attributes ?? {})) {
      if (key.length === 0 || !isAttributeValue(value)) {
        diag.warn(`Invalid attribute of span '${this.name}': '${key}'`);
      } else if (count >= limit) {
        dropped += 1;
      } else {
        count += 1;
        const own = this.cut(value);
        kept[key] = own;
        this.heldBytes += sizeOf(own);
      }
    }
    return [kept, dropped];
  }

  private cut(value: AttributeValue): AttributeValue {
    const limit = this.parts.limits.attributeValueLengthLimit ?? Infinity;
    if (typeof value === 'string')
      return limit > 0 && value.length > limit ? value.substring(0, limit) : value;
    if (!Array.isArray(value)) return value;
    return value.map((each) =>
      typeof each === 'string' && limit > 0 ? each.substring(0, limit) : each,
    ) as AttributeValue;
  }

  private isOver(): boolean {
    if (this.ended) diag.warn(`Span '${this.name}' has ended: what is added to it now is lost`);
    return this.ended;
  }
}

/** Characters, as most texts have one byte each. */
function sizeOf(value: AttributeValue): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 0;
  let size = 8 * value.length;
  for (const each of value) if (typeof each === 'string') size += each.length;
  return size;
}

function isUsable(value: unknown): value is AttributeValue {
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' || isAttributeValue(value);
}
