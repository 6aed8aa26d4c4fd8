import { BYTES, WireReader } from './reader.js';

/** The items (spans, metrics or log records) that share a resource; slices of the request, nothing is copied. */
export interface ResourceGroup {
  /** Encoded Resource; empty when the request has none. */
  resource: Uint8Array;
  scopes: ScopeGroup[];
}
export interface ScopeGroup {
  /** Encoded InstrumentationScope; undefined when the request has none. */
  scope: Uint8Array | undefined;
  items: Uint8Array[];
}

/**
 * Splits an export request of any signal: the three have the same field numbers down to the item. Fields may come in any
 * order (a resource after its spans is legal).
 *
 * @throws WireError when the bytes have not passed `validate` and are not a request.
 */
export function splitRequest(bytes: Uint8Array): ResourceGroup[] {
  return fieldsOf(bytes)
    .filter((field) => field.number === 1)
    .map(({ value }) => {
      const fields = fieldsOf(value);
      return {
        resource: fields.findLast((field) => field.number === 1)?.value ?? new Uint8Array(),
        scopes: fields.filter((field) => field.number === 2).map((field) => splitScope(field.value)),
      };
    });
}

/** How many items a request has. */
export function countItems(groups: readonly ResourceGroup[]): number {
  return groups.reduce(
    (sum, group) => sum + group.scopes.reduce((items, scope) => items + scope.items.length, 0),
    0,
  );
}

function splitScope(bytes: Uint8Array): ScopeGroup {
  const fields = fieldsOf(bytes);
  return {
    scope: fields.findLast((field) => field.number === 1)?.value,
    items: fields.filter((field) => field.number === 2).map((field) => field.value),
  };
}

/** The length-delimited fields of a message, in order. */
export function fieldsOf(bytes: Uint8Array): { number: number; value: Uint8Array }[] {
  const reader = new WireReader(bytes);
  const end = bytes.length;
  const fields = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if ((tag & 7) === BYTES) {
      const stop = reader.span(end);
      fields.push({ number: tag >>> 3, value: bytes.subarray(reader.pos, stop) });
      reader.pos = stop;
    } else {
      reader.skip(tag & 7, end);
    }
  }
  return fields;
}
