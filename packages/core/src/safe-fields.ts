import { isPlainText, safeText } from './json-text.js';
import { noRedaction, type KnownKey } from './key-redaction.js';
import type { SafeObject, SafeValue } from './safe-value.js';

/**
 * Safe fields in their order, keys beside values: quicker to fill and to go over than an object, and a key is looked up once for all
 * who write it. A text may have lone surrogates: whoever writes it puts U+FFFD for each.
 */
export class SafeFields {
  readonly keys: KnownKey[] = [];
  readonly values: SafeValue[] = [];

  static of(object: SafeObject): SafeFields {
    const fields = new SafeFields();
    for (const [name, value] of Object.entries(object)) fields.add(noRedaction().key(name), value);
    return fields;
  }

  get length(): number {
    return this.keys.length;
  }

  add(key: KnownKey, value: SafeValue): void {
    this.keys.push(key);
    this.values.push(value);
  }

  /** All of another's but those called one of the names. */
  addAll(from: SafeFields, except?: ReadonlySet<string>): void {
    from.keys.forEach((key, index) => {
      if (except?.has(key.name) !== true) this.add(key, from.values[index] ?? null);
    });
  }

  /** The first ones, with texts at the top cut to so many UTF-16 units. */
  bounded(count: number, length: number): SafeFields {
    const fields = new SafeFields();
    for (const [index, key] of this.keys.slice(0, count).entries()) {
      const value = this.values[index] ?? null;
      fields.add(key, typeof value === 'string' ? value.slice(0, length) : value);
    }
    return fields;
  }

  toObject(): SafeObject {
    const object: SafeObject = {};
    this.keys.forEach(({ name }, index) => {
      const value = this.values[index] ?? null;
      object[name] = typeof value === 'string' && !isPlainText(value) ? safeText(value, Infinity) : value;
    });
    return object;
  }
}
