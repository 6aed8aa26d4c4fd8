/** What a protobuf Struct, and JSON, can hold. */
export type SafeValue = string | number | boolean | null | SafeValue[] | { [key: string]: SafeValue };
export type SafeObject = Record<string, SafeValue>;

export interface SafeLimits {
  /** Nesting below the top; deeper values become `[Object]` or `[Array]`. Default 8. */
  maxDepth?: number;
  /** Keys and items in all; what comes after is dropped and its container ends with a `[Truncated]` mark. Default 1,000. */
  maxItems?: number;
  /** UTF-16 units of one string. Default 16,384. */
  maxString?: number;
}

/**
 * A copy that a Struct or JSON can hold, whatever the value does. BigInt becomes a decimal string, NaN and infinities their
 * names, Date its ISO form, Error its type, message and stack, Map and Set an object and an array, bytes base64. A
 * circular reference becomes `[Circular]`, a getter that throws `[Throws: message]`. Functions, symbols and undefined are
 * dropped from objects and are null in arrays; a key `__proto__` is renamed `[__proto__]`. Never throws.
 */
export function safeObject(value: object, limits?: SafeLimits): SafeObject {
  const result = new Copy(limits).value(value, 0);
  return typeof result === 'object' && result !== null && !Array.isArray(result)
    ? result
    : { value: result ?? null };
}

/** The same for any value; undefined when it is one that objects drop. */
export function safeValue(value: unknown, limits?: SafeLimits): SafeValue | undefined {
  return new Copy(limits).value(value, 0);
}

/** Sets an own property also when it is called `__proto__`, where an assignment would change the prototype instead. */
export function setOwn<T>(object: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** Base64 without Buffer, which browsers lack. */
export function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}

const surrogates = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;
const mend = (found: string): string => (found.length === 2 ? found : '\ufffd');

class Copy {
  readonly #maxDepth: number;
  readonly #maxString: number;
  readonly #path = new Set<object>();
  #left: number;

  constructor(limits: SafeLimits = {}) {
    this.#maxDepth = limits.maxDepth ?? 8;
    this.#maxString = limits.maxString ?? 16_384;
    this.#left = limits.maxItems ?? 1_000;
  }

  value(value: unknown, depth: number): SafeValue | undefined {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        // Adding 0 turns -0, which JSON cannot tell from 0, into 0.
        return Number.isFinite(value) ? value + 0 : String(value);
      case 'boolean':
        return value;
      case 'bigint':
        return this.#text(value.toString());
      case 'object':
        return value === null ? null : this.#object(value, depth);
      default:
        return undefined;
    }
  }

  #object(value: object, depth: number): SafeValue | undefined {
    if (this.#path.has(value)) return '[Circular]';
    this.#path.add(value);
    try {
      return this.#contents(value, depth);
    } catch (error) {
      return throwsMark(error);
    } finally {
      this.#path.delete(value);
    }
  }

  #contents(value: object, depth: number): SafeValue | undefined {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp || value instanceof URL) return this.#text(String(value));
    if (value instanceof Uint8Array) return base64(value.subarray(0, Math.floor((this.#maxString * 3) / 4)));
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.value(value.valueOf(), depth);
    }
    const isList = Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value);
    if (depth > this.#maxDepth) return isList ? '[Array]' : '[Object]';
    if (isList) return this.#list(value as unknown as Iterable<unknown>, depth);
    if (value instanceof Map) return this.#plain(mapFields(value, this.#left), depth);
    if (value instanceof Error) return this.#plain(errorFields(value), depth);
    const json = (value as { toJSON?: unknown }).toJSON;
    if (typeof json === 'function') {
      const plain = (json as (this: object) => unknown).call(value);
      if (plain !== value) return this.value(plain, depth + 1);
    }
    return this.#plain(value as Record<string, unknown>, depth);
  }

  #list(items: Iterable<unknown>, depth: number): SafeValue[] {
    const result: SafeValue[] = [];
    for (const item of items) {
      if (this.#left-- <= 0) {
        result.push('[Truncated]');
        break;
      }
      result.push(this.value(item, depth + 1) ?? null);
    }
    return result;
  }

  #plain(value: Record<string, unknown>, depth: number): SafeObject {
    const result: SafeObject = {};
    for (const key of Object.keys(value)) {
      if (this.#left-- <= 0) {
        result['[Truncated]'] = true;
        break;
      }
      let copy: SafeValue | undefined;
      try {
        copy = this.value(value[key], depth + 1);
      } catch (error) {
        copy = throwsMark(error);
      }
      // Decoders behind us, that of ts-proto's Struct among them, assign a key called __proto__ and change a prototype.
      if (copy !== undefined) result[key === '__proto__' ? '[__proto__]' : this.#text(key)] = copy;
    }
    return result;
  }

  /** Bounded, and without lone surrogates, which UTF-8 cannot carry. */
  #text(text: string): string {
    const bounded = text.length > this.#maxString ? `${text.slice(0, this.#maxString)}…[Truncated]` : text;
    return /[\ud800-\udfff]/.test(bounded) ? bounded.replace(surrogates, mend) : bounded;
  }
}

/** One entry more than can be kept, so that the cut is marked. */
function mapFields(map: Map<unknown, unknown>, limit: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  let count = 0;
  for (const [key, item] of map) {
    if (count++ > limit) break;
    setOwn(
      fields,
      typeof key === 'object' && key !== null ? Object.prototype.toString.call(key) : String(key),
      item,
    );
  }
  return fields;
}

/** What an Error keeps off its own enumerable keys, then those. */
function errorFields(error: Error): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const names = { type: 'name', message: 'message', stack: 'stack', cause: 'cause' } as const;
  for (const [field, key] of [
    ...Object.entries(names),
    ...Object.keys(error).map((own) => [own, own] as const),
  ]) {
    try {
      setOwn(fields, field, (error as unknown as Record<string, unknown>)[key]);
    } catch (thrown) {
      setOwn(fields, field, throwsMark(thrown));
    }
  }
  return fields;
}

function throwsMark(error: unknown): string {
  try {
    return `[Throws: ${error instanceof Error ? error.message : String(error)}]`;
  } catch {
    return '[Throws]';
  }
}
