import { isPlainText, safeText } from './json-text.js';
import { noRedaction, type KnownKey, type Role } from './key-redaction.js';
import type { SafeObject, SafeValue } from './safe-value.js';

/**
 * Safe fields in their order, keys beside values: quicker to fill and to go over than an object, and a key is looked up once for all
 * who write it. A text may have lone surrogates: whoever writes it puts U+FFFD for each.
 */
export class SafeFields {
  length = 0;
  /** May be longer than there are fields, as `values`. */
  readonly keys: KnownKey[];
  readonly values: SafeValue[];
  /** Texts whose keys mean something to a logger; undefined when there was none. */
  roles: Partial<Record<Role, string>> | undefined;

  /** Made for so many fields, it need not grow, which would take twice the memory of a usual line. */
  constructor(capacity = 0) {
    this.keys = new Array<KnownKey>(capacity);
    this.values = new Array<SafeValue>(capacity);
  }

  static of(object: SafeObject): SafeFields {
    const fields = new SafeFields();
    for (const [name, value] of Object.entries(object)) fields.add(noRedaction().key(name), value);
    return fields;
  }

  add(key: KnownKey, value: SafeValue): void {
    const at = this.length++;
    this.keys[at] = key;
    this.values[at] = value;
    if (key.role !== undefined && typeof value === 'string') (this.roles ??= {})[key.role] = mended(value);
  }

  /** All of another's but those called one of the names. */
  addAll(from: SafeFields, except: ReadonlySet<string>): void {
    for (const [key, value] of from.entries()) if (!except.has(key.name)) this.add(key, value);
  }

  /** The first ones, with texts at the top cut to so many UTF-16 units. */
  bounded(count: number, length: number): SafeFields {
    const fields = new SafeFields();
    for (const [key, value] of this.entries().slice(0, count))
      fields.add(key, typeof value === 'string' ? value.slice(0, length) : value);
    return fields;
  }

  toObject(): SafeObject {
    const object: SafeObject = {};
    for (const [{ name }, value] of this.entries())
      object[name] = typeof value === 'string' ? mended(value) : value;
    return object;
  }

  entries(): [key: KnownKey, value: SafeValue][] {
    return this.keys.slice(0, this.length).map((key, index) => [key, this.values[index] ?? null]);
  }
}

const mended = (text: string): string => (isPlainText(text) ? text : safeText(text, Infinity));
