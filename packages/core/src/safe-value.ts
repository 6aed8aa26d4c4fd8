import { SafePass } from './safe-pass.js';

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
  const result = new SafePass(limits).top(value);
  return typeof result === 'object' && result !== null && !Array.isArray(result)
    ? result
    : { value: result ?? null };
}

/** The same for any value; undefined when it is one that objects drop. */
export function safeValue(value: unknown, limits?: SafeLimits): SafeValue | undefined {
  return new SafePass(limits).top(value);
}
