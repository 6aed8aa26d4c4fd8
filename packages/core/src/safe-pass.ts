import { base64 } from './base64.js';
import { isPlainText, safeText } from './json-text.js';
import { noRedaction, REDACTED, type KeyRedaction, type PathState } from './key-redaction.js';
import { errorFields, mapFields, throwsMark } from './object-fields.js';
import { SafeFields } from './safe-fields.js';
import type { SafeLimits, SafeObject, SafeValue } from './safe-value.js';

export interface PassOptions extends SafeLimits {
  /** Undefined: nothing is redacted. */
  redaction?: KeyRedaction | undefined;
}

const NOTHING: SafeObject = {};

interface Inside {
  value: object;
  up: Inside | undefined;
}

/**
 * One walk over values that may be hostile. It bounds and redacts them, and gives a plain copy, or the fields of the top: each getter is
 * called once. See `safeObject` for what becomes of which value.
 */
export class SafePass {
  private readonly redaction: KeyRedaction;
  private readonly maxDepth: number;
  private readonly maxString: number;
  private left: number;
  private under: SafeFields | undefined;
  private taken: SafeFields | undefined;
  /** The objects that the walk is in, the innermost first. */
  private inside: Inside | undefined;
  /** The keys that lead there, for a censor. */
  private readonly trail: string[] | undefined;

  constructor(options: PassOptions = {}) {
    this.redaction = options.redaction ?? noRedaction();
    this.trail = this.redaction.censor && [];
    this.maxDepth = options.maxDepth ?? 8;
    this.maxString = options.maxString ?? 16_384;
    this.left = options.maxItems ?? 1_000;
  }

  /** The top of the walk: undefined for values that objects drop. */
  top(value: unknown): SafeValue | undefined {
    return this.value(value, 0, this.redaction.paths);
  }

  /** The fields of the top, after those of `under` that it has not itself; undefined when it has none: it is a list, say, or throws. */
  topFields(value: object, under: SafeFields): SafeFields | undefined {
    this.under = under;
    this.top(value);
    return this.taken;
  }

  private value(value: unknown, depth: number, at: PathState | undefined): SafeValue | undefined {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        // JSON cannot tell -0 from 0.
        return value === 0 ? 0 : Number.isFinite(value) ? value : String(value);
      case 'boolean':
        return value;
      case 'bigint':
        return this.text(value.toString());
      case 'object':
        return value === null ? null : this.object(value, depth, at);
      default:
        return undefined;
    }
  }

  private text(text: string): string {
    return text.length <= this.maxString && isPlainText(text) ? text : safeText(text, this.maxString);
  }

  private object(value: object, depth: number, at: PathState | undefined): SafeValue | undefined {
    for (let each = this.inside; each !== undefined; each = each.up)
      if (each.value === value) return this.text('[Circular]');
    const up = this.inside;
    this.inside = { value, up };
    try {
      return this.contents(value, depth, at);
    } catch (error) {
      return this.text(throwsMark(error));
    } finally {
      this.inside = up;
    }
  }

  private contents(value: object, depth: number, at: PathState | undefined): SafeValue | undefined {
    const prototype: unknown = Object.getPrototypeOf(value);
    const isPlain = prototype === Object.prototype || prototype === null;
    if (!isPlain) {
      if (value instanceof Date)
        return this.text(Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString());
      if (value instanceof RegExp || value instanceof URL) return this.text(String(value));
      if (value instanceof Uint8Array)
        return this.text(base64(value.subarray(0, Math.floor((this.maxString * 3) / 4))));
      if (value instanceof String || value instanceof Number || value instanceof Boolean)
        return this.value(value.valueOf(), depth, at);
      if (Array.isArray(value) || value instanceof Set || ArrayBuffer.isView(value)) {
        return depth > this.maxDepth
          ? this.text('[Array]')
          : this.list(value as unknown as Iterable<unknown>, depth, at);
      }
    }
    if (depth > this.maxDepth) return this.text('[Object]');
    if (!isPlain) {
      if (value instanceof Map) return this.fields(mapFields(value, this.left), depth, at);
      if (value instanceof Error) return this.fields(errorFields(value), depth, at);
    }
    const toJson = (value as { toJSON?: unknown }).toJSON;
    if (typeof toJson === 'function') {
      const plain = (toJson as (this: object) => unknown).call(value);
      // Counts as an item: one that gives another with a toJSON, and so on, comes to an end.
      if (plain !== value) return this.left-- > 0 ? this.value(plain, depth, at) : this.text('[Object]');
    }
    return this.fields(value as Record<string, unknown>, depth, at);
  }

  private list(items: Iterable<unknown>, depth: number, at: PathState | undefined): SafeValue {
    const list: SafeValue[] = [];
    let index = 0;
    for (const item of items) {
      const isCut = this.left-- <= 0;
      let copy: SafeValue | undefined;
      if (isCut) copy = this.text('[Truncated]');
      else {
        if (this.trail) this.trail.splice(depth, Infinity, String(index));
        copy =
          at === undefined
            ? this.value(item, depth + 1, undefined)
            : this.guarded(item, String(index), depth, at, false);
      }
      list.push(copy ?? null);
      if (isCut) break;
      index++;
    }
    return list;
  }

  private fields(source: Record<string, unknown>, depth: number, at: PathState | undefined): SafeObject {
    const keys = Object.keys(source);
    const taker = depth === 0 && this.under !== undefined ? this.open(this.under, keys) : undefined;
    const copies: SafeObject = taker === undefined ? {} : NOTHING;
    for (const key of keys) {
      if (this.left-- <= 0) {
        if (taker === undefined) copies['[Truncated]'] = true;
        else taker.add(this.redaction.key('[Truncated]'), true);
        break;
      }
      const known = this.redaction.key(key);
      if (this.trail) this.trail.splice(depth, Infinity, key);
      let copy: SafeValue | undefined;
      try {
        const item = source[key];
        if (at !== undefined || known.secret) copy = this.guarded(item, key, depth, at, known.secret);
        else if (taker !== undefined && typeof item === 'string' && item.length <= this.maxString)
          copy = item;
        else copy = this.value(item, depth + 1, undefined);
      } catch (error) {
        copy = this.text(throwsMark(error));
      }
      if (copy === undefined) continue;
      if (taker === undefined) copies[known.name] = copy;
      else taker.add(known, copy);
    }
    return copies;
  }

  private open(under: SafeFields, keys: readonly string[]): SafeFields {
    const fields = new SafeFields(under.length + Math.min(keys.length, this.left));
    if (under.length > 0) fields.addAll(under, new Set(keys.map((key) => this.redaction.key(key).name)));
    return (this.taken = fields);
  }

  /** An item that redaction may be about. */
  private guarded(
    item: unknown,
    key: string,
    depth: number,
    at: PathState | undefined,
    secret: boolean,
  ): SafeValue | undefined {
    const next = at?.step(key);
    if (!secret && next?.ends !== true) return this.value(item, depth + 1, next);
    // What is not there is no secret, and better seen.
    if (item === undefined || item === null || item === '') return this.value(item, depth + 1, undefined);
    const { censor } = this.redaction;
    if (censor === undefined) return this.text(REDACTED);
    let censored: unknown = REDACTED;
    try {
      censored = censor(item, [...(this.trail ?? [])]);
    } catch {
      // A broken censor must not let the secret through.
    }
    return this.value(censored, depth + 1, undefined);
  }
}
