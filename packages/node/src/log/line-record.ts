import type { SpanContext } from '@opentelemetry/api';
import type { SeverityNumber } from '@opentelemetry/api-logs';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  recordAttributes,
  severityNumber,
  type LogLine,
  type SafeObject,
} from '@unhinged/observability-core';
import { writeLogRecord, type OwnLogRecord } from '../export/encode/logs.js';
import type { ProtoWriter } from '../export/encode/proto-writer.js';
import { spanContextOf } from './active-ids.js';
import { severityText, writeLine } from './line-encoder.js';

export const LINE_SCOPE: InstrumentationScope = { name: '@unhinged/observability-node' };

/** A line as the SDK's processors and exporters read records. What can wait is not made before it is asked for. */
export class LineRecord implements OwnLogRecord {
  readonly instrumentationScope = LINE_SCOPE;
  readonly eventName = undefined;
  readonly spanContext: SpanContext | undefined;

  constructor(
    readonly line: LogLine,
    readonly resource: Resource,
    readonly droppedAttributesCount: number,
  ) {
    this.spanContext = spanContextOf(line.ids);
  }

  writeTo(writer: ProtoWriter): void {
    const { line, spanContext, droppedAttributesCount } = this;
    // Errors become attributes, and are rare: the longer way.
    if (line.error !== undefined) writeLogRecord(writer, this);
    else writeLine(writer, line, spanContext, droppedAttributesCount);
  }

  get hrTime(): [number, number] {
    const { epochMs } = this.line;
    const seconds = Math.floor(epochMs / 1000);
    return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)];
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
