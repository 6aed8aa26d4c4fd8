import type { SpanContext } from '@opentelemetry/api';
import type { SeverityNumber } from '@opentelemetry/api-logs';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import {
  recordAttributes,
  severityNumber,
  type LogLevel,
  type LogLine,
  type SafeObject,
} from '@unhinged/observability-core';
import { spanContextOf } from './active-ids.js';

export const LINE_SCOPE: InstrumentationScope = { name: '@unhinged/observability-node' };

/** A line as the SDK's processors and exporters read records. */
export class LineRecord implements ReadableLogRecord {
  readonly hrTime: [number, number];
  readonly spanContext: SpanContext | undefined;
  readonly instrumentationScope = LINE_SCOPE;
  readonly eventName = undefined;

  constructor(
    readonly line: LogLine,
    readonly resource: Resource,
    readonly droppedAttributesCount: number,
  ) {
    const seconds = Math.floor(line.epochMs / 1000);
    this.hrTime = [seconds, Math.round((line.epochMs - seconds * 1000) * 1e6)];
    this.spanContext = spanContextOf(line.ids);
  }

  get hrTimeObserved(): [number, number] {
    return this.hrTime;
  }

  get severityNumber(): SeverityNumber {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- core's numbers are OpenTelemetry's, without its enum
    return severityNumber(this.line.level);
  }

  get severityText(): string {
    return severityText(this.line.level);
  }

  get body(): string {
    return this.line.message;
  }

  get attributes(): SafeObject {
    return recordAttributes(this.line);
  }
}

export const severityText = (level: LogLevel): string => level.toUpperCase();
