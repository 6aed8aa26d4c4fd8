import { createRequire } from 'node:module';
import { createTraceState } from '@opentelemetry/api';
import type * as Transformer from '@opentelemetry/otlp-transformer';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { writeLogRecord, type OwnLogRecord } from './encode/logs.js';
import { writeMetric } from './encode/metrics.js';
import type { ProtoWriter } from './encode/proto-writer.js';
import { RequestBuilder } from './encode/request-builder.js';
import { writeSpan } from './encode/spans.js';
import { withExemplars } from './json-exemplars.js';
import { exemplars } from '../metrics/exemplars.js';

/** The open request of a signal. */
export interface Builder<T> {
  /** Bytes so far, as far as they are known. */
  readonly size: number;
  /** @throws what the record throws while it is read; then it has left no trace. */
  add(record: T): void;
  /** Settles when the resources of the request are complete; undefined when they are. */
  pending(): Promise<unknown> | undefined;
  /** The request of all records added since the last call. */
  take(): Uint8Array;
}

/** A span that leaves, with the tracestate of its decision. */
export interface DecidedSpan {
  span: ReadableSpan;
  /** See SpanSink.add. */
  traceState: string | undefined;
}

export interface Builders {
  spans(): Builder<DecidedSpan>;
  logs(): Builder<OwnLogRecord>;
  metrics(): Builder<ResourceMetrics>;
}

export const protobufBuilders: Builders = {
  spans: () =>
    builder((request) => {
      // One closure for all spans: this runs for each.
      let span: ReadableSpan;
      let traceState: string | undefined;
      const write = (writer: ProtoWriter) => {
        writeSpan(writer, span, traceState);
      };
      return (record: DecidedSpan) => {
        ({ span, traceState } = record);
        request.add(span.resource, span.instrumentationScope, write);
      };
    }),
  logs: () =>
    builder((request) => {
      let record: OwnLogRecord;
      const write = (writer: ProtoWriter) => {
        if (record.writeTo !== undefined) record.writeTo(writer);
        else writeLogRecord(writer, record);
      };
      return (next: OwnLogRecord) => {
        record = next;
        request.add(next.resource, next.instrumentationScope, write);
      };
    }),
  metrics: () =>
    builder((request) => {
      const news = exemplars.news();
      return ({ resource, scopeMetrics }: ResourceMetrics) => {
        const exemplarsOf = news();
        for (const { scope, metrics } of scopeMetrics) {
          for (const metric of metrics) {
            request.add(resource, scope, (writer) => {
              writeMetric(writer, metric, exemplarsOf);
            });
          }
        }
      };
    }),
};

function builder<T>(adder: (request: RequestBuilder) => (record: T) => void): Builder<T> {
  const request = new RequestBuilder();
  return new RequestOf(request, adder(request));
}

// A class: a getter of an object literal is another one in each, and asking for it, for each record, then takes ten times as long.
class RequestOf<T> implements Builder<T> {
  constructor(
    private readonly request: RequestBuilder,
    readonly add: (record: T) => void,
  ) {}

  get size(): number {
    return this.request.size;
  }

  pending(): Promise<unknown> | undefined {
    return this.request.pending();
  }

  take(): Uint8Array {
    return this.request.take();
  }
}

/** For `http/json`: the stock serializers, which want all records at once. */
export function jsonBuilders(): Builders {
  const require = createRequire(import.meta.url);
  const { JsonLogsSerializer, JsonMetricsSerializer, JsonTraceSerializer } =
    require('@opentelemetry/otlp-transformer') as typeof Transformer;
  return {
    spans: () =>
      collecting<DecidedSpan>((records) => JsonTraceSerializer.serializeRequest(records.map(withTraceState))),
    logs: () => collecting<ReadableLogRecord>((records) => JsonLogsSerializer.serializeRequest(records)),
    metrics: () => {
      const news = exemplars.news();
      return collecting<ResourceMetrics>(([first]) => {
        const request = first && JsonMetricsSerializer.serializeRequest(first);
        return request && withExemplars(request, first, news());
      });
    },
  };
}

function collecting<T extends object>(serialize: (records: T[]) => Uint8Array | undefined): Builder<T> {
  let records: T[] = [];
  return {
    get size() {
      // A guess that keeps the bound in bytes meaningful; the request has its true size once it is sealed.
      return records.length * 1_024;
    },
    add: (record) => {
      records.push(record);
    },
    pending: () => undefined,
    take: () => {
      const taken = records;
      records = [];
      return serialize(taken) ?? new Uint8Array();
    },
  };
}

function withTraceState({ span, traceState: text }: DecidedSpan): ReadableSpan {
  if (text === undefined) return span;
  const traceState = text === '' ? undefined : createTraceState(text);
  const context = { ...span.spanContext(), traceState };
  return Object.create(span, { spanContext: { value: () => context } }) as ReadableSpan;
}
