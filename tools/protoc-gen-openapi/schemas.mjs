import { ScalarType } from '@bufbuild/protobuf';
import { getComments } from '@bufbuild/protoplugin';

// Proto3 JSON of each scalar: 64-bit integers are strings. https://protobuf.dev/programming-guides/json/
const int64 = { type: 'string', format: 'int64', pattern: '^-?[0-9]+$' };
const uint64 = { type: 'string', format: 'uint64', pattern: '^[0-9]+$' };
const int32 = { type: 'integer', format: 'int32' };
const uint32 = { type: 'integer', format: 'int64', minimum: 0, maximum: 4294967295 };
const scalars = {
  [ScalarType.DOUBLE]: { type: 'number', format: 'double' },
  [ScalarType.FLOAT]: { type: 'number', format: 'float' },
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64' },
};

const nullable = (schema) => ({ ...schema, type: [schema.type, 'null'] });
const wellKnown = {
  Timestamp: { type: 'string', format: 'date-time' },
  Duration: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]{1,9})?s$' },
  FieldMask: { type: 'string' },
  Struct: { type: 'object', additionalProperties: true },
  Value: {},
  ListValue: { type: 'array', items: {} },
  Empty: { type: 'object', maxProperties: 0 },
  Any: { type: 'object', properties: { '@type': { type: 'string' } }, additionalProperties: true },
  DoubleValue: nullable(scalars[ScalarType.DOUBLE]),
  FloatValue: nullable(scalars[ScalarType.FLOAT]),
  Int64Value: nullable(int64),
  UInt64Value: nullable(uint64),
  Int32Value: nullable(int32),
  UInt32Value: nullable(uint32),
  BoolValue: nullable(scalars[ScalarType.BOOL]),
  StringValue: nullable(scalars[ScalarType.STRING]),
  BytesValue: nullable(scalars[ScalarType.BYTES]),
};

/** Schema of a well-known type, or undefined for a message of the user's. */
export const wellKnownSchema = (message) =>
  message.typeName.startsWith('google.protobuf.') ? wellKnown[message.name] : undefined;

/** The comment above an element as one text, '' when there is none. */
export const commentOf = (element) =>
  (getComments(element).leading ?? '')
    .replace(/^ /gm, '')
    .trim()
    .replace(/(\S)\n(?=\S)/g, '$1 ');

/** Adds what the source says about an element: its comment, and whether it is deprecated. */
export function described(element, schema) {
  const description = commentOf(element);
  return {
    ...schema,
    ...(description === '' ? {} : { description }),
    ...(element.deprecated === true ? { deprecated: true } : {}),
  };
}

/** Collects the schemas of a document's messages and enums and hands out references to them. */
export class Schemas {
  /** Name → schema, as components.schemas wants it. */
  components = {};
  #home;

  /** @param {string} home Package whose names need no prefix. */
  constructor(home) {
    this.#home = home;
  }

  /** Schema of a field, with its comment. */
  field(field) {
    return described(field, this.#fieldType(field));
  }

  /** A reference to a message's schema, or a well-known type's schema itself. */
  message(message) {
    return wellKnownSchema(message) ?? this.#reference(message, () => this.object(message, message.fields));
  }

  /** An object of the given fields of a message, written out in place. */
  object(message, fields) {
    const properties = Object.fromEntries(fields.map((field) => [field.jsonName, this.field(field)]));
    const oneofs = message.oneofs
      .map((oneof) => oneof.fields.filter((field) => fields.includes(field)))
      .filter((members) => members.length > 1);
    return described(message, {
      type: 'object',
      properties,
      ...(oneofs.length === 0 ? {} : { allOf: oneofs.map(atMostOne) }),
    });
  }

  #fieldType(field) {
    switch (field.fieldKind) {
      case 'list':
        return { type: 'array', items: this.#valueType(field.listKind, field) };
      case 'map':
        return { type: 'object', additionalProperties: this.#valueType(field.mapKind, field) };
      default:
        return this.#valueType(field.fieldKind, field);
    }
  }

  #valueType(kind, field) {
    if (kind === 'scalar') return { ...scalars[field.scalar] };
    if (kind === 'message') return this.message(field.message);
    return this.#reference(field.enum, () =>
      described(field.enum, { type: 'string', enum: field.enum.values.map((value) => value.name) }),
    );
  }

  #reference(type, build) {
    const prefix = `${this.#home}.`;
    const name = type.typeName.startsWith(prefix) ? type.typeName.slice(prefix.length) : type.typeName;
    if (!(name in this.components)) {
      // Registered before it is built: a message may contain itself.
      this.components[name] = {};
      Object.assign(this.components[name], build());
    }
    return { $ref: `#/components/schemas/${name}` };
  }
}

/** None or exactly one member of a oneof may be present. */
function atMostOne(members) {
  const present = members.map((field) => ({ required: [field.jsonName] }));
  return { oneOf: [...present, { not: { anyOf: present } }] };
}
