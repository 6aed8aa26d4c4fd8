import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import { ProtoWriter } from './proto-writer.js';

/** Deeper values, and so circular ones, are left out: a level is three messages, and decoders refuse the hundredth. */
const MAX_DEPTH = 20;
const TWO_63 = 2 ** 63;

/** `repeated KeyValue` as field number `field`. */
export function writeAttributes(
  writer: ProtoWriter,
  field: number,
  attributes: Readonly<Record<string, unknown>>,
  depth = 0,
): void {
  for (const key in attributes) {
    if (Object.hasOwn(attributes, key)) writeAttribute(writer, field, key, attributes[key], depth);
  }
}

/** One `KeyValue` of them. */
export function writeAttribute(
  writer: ProtoWriter,
  field: number,
  key: string,
  value: unknown,
  depth = 0,
): void {
  writer.tag(field, 2);
  const start = writer.begin(1);
  writer.tag(1, 2);
  writer.string(key);
  writer.tag(2, 2);
  writeValue(writer, value, depth);
  writer.end(start, 1);
}

/**
 * An `AnyValue` with its length in front. Whole numbers within int64 are integers, all others doubles; what has no form in OTLP
 * (functions, symbols, null) is an empty value.
 */
export function writeValue(writer: ProtoWriter, value: unknown, depth = 0): void {
  const start = writer.begin(1);
  switch (typeof value) {
    case 'string':
      writer.tag(1, 2);
      writer.string(value);
      break;
    case 'boolean':
      writer.tag(2, 0);
      writer.uint(value ? 1 : 0);
      break;
    case 'number':
      if (Number.isInteger(value) && value >= -TWO_63 && value < TWO_63) {
        writer.tag(3, 0);
        writer.int64(value);
      } else {
        writer.tag(4, 1);
        writer.double(value);
      }
      break;
    case 'object':
      if (value !== null && depth < MAX_DEPTH) writeObject(writer, value, depth + 1);
      break;
    default:
  }
  writer.end(start, 1);
}

function writeObject(writer: ProtoWriter, value: object, depth: number): void {
  if (value instanceof Uint8Array) {
    writer.tag(7, 2);
    writer.lengthAndBytes(value);
    return;
  }
  writer.tag(Array.isArray(value) ? 5 : 6, 2);
  const start = writer.begin(1);
  if (Array.isArray(value)) {
    for (const item of value) {
      writer.tag(1, 2);
      writeValue(writer, item, depth);
    }
  } else {
    writeAttributes(writer, 1, value as Record<string, unknown>, depth);
  }
  writer.end(start, 1);
}

type Scope = InstrumentationScope & {
  attributes?: Readonly<Record<string, unknown>>;
  droppedAttributesCount?: number;
};

/** `scope` (field 1) of ScopeSpans, ScopeLogs and ScopeMetrics, with its tag. */
export function scopeBytes(scope: Scope): Uint8Array {
  const writer = new ProtoWriter(256);
  writer.tag(1, 2);
  const start = writer.begin(1);
  writer.tag(1, 2);
  writer.string(scope.name);
  if (scope.version !== undefined && scope.version !== '') {
    writer.tag(2, 2);
    writer.string(scope.version);
  }
  if (scope.attributes !== undefined) writeAttributes(writer, 3, scope.attributes);
  if (scope.droppedAttributesCount !== undefined && scope.droppedAttributesCount > 0) {
    writer.tag(4, 0);
    writer.uint(scope.droppedAttributesCount);
  }
  writer.end(start, 1);
  return writer.written();
}

/** `resource` (field 1) of ResourceSpans, ResourceLogs and ResourceMetrics, with its tag. */
export function resourceBytes(resource: Resource): Uint8Array {
  const writer = new ProtoWriter(1_024);
  writer.tag(1, 2);
  const start = writer.begin(2);
  writeAttributes(writer, 1, resource.attributes);
  writer.end(start, 2);
  return writer.written();
}

/** `schema_url` (field 3) with its tag; empty when there is none. */
export function schemaUrlBytes(url: string | undefined): Uint8Array {
  const writer = new ProtoWriter(64);
  if (url !== undefined && url !== '') {
    writer.tag(3, 2);
    writer.string(url);
  }
  return writer.written();
}
