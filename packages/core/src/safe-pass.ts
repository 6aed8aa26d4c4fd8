import { base64 } from './base64.js';
import { isPlainText, safeText } from './json-text.js';
import {
  noRedaction,
  REDACTED,
  type KeyRedaction,
  type KnownKey,
  type PathState,
  type Role,
} from './key-redaction.js';
import { errorFields, mapFields, throwsMark } from './object-fields.js';
import type { SafeLimits, SafeObject, SafeValue } from './safe-value.js';

export interface PassOptions extends SafeLimits {
  /** Undefined: nothing is redacted. */
  redaction?: KeyRedaction | undefined;
  /** Write {@link SafePass.json}. Default false. */
  json?: boolean;
  /** Return copies. Default true; without them objects and arrays are returned as one empty object. */
  copy?: boolean;
  /** Gets the fields of the top one by one; a copy then has those of nested objects only. */
  fields?: FieldWriter | undefined;
  /** What stands before the fields of the top, and gives way to those of the same name. */
  under?: Fields | undefined;
}

/** Takes the fields of an object while they are walked over. */
export interface FieldWriter {
  field(key: KnownKey, value: SafeValue): void;
}

/** Safe fields that others are added to. */
export interface Fields {
  readonly copy: SafeObject;
  /** Their JSON without the bracket at the end: `{` or `{"a":1`. */
  readonly open: string;
}

const NOTHING: SafeObject = {};

/**
 * One walk over values that may be hostile. It bounds and redacts them, and gives a plain copy, JSON text, or both: each getter is
 * called once, and what a copy holds its JSON says too. See `safeObject` for what becomes of which value.
 */
export class SafePass {
  /** What was written so far; an unfinished value can be taken back by assigning what was there before. */
  json = '';
  /** Texts at the top whose keys mean something; undefined when there was none. */
  roles: Partial<Record<Role, string>> | undefined;
  /** The top was something with fields, not a list or a text. */
  hasFields = false;
  private readonly redaction: KeyRedaction;
  private readonly under: Fields | undefined;
  private readonly taker: FieldWriter | undefined;
  private readonly writes: boolean;
  private readonly copies: boolean;
  private readonly maxDepth: number;
  private readonly maxString: number;
  private left: number;
  /** The objects that the walk is in. */
  private readonly path: object[] = [];
  /** The keys that lead there, for a censor. */
  private readonly trail: string[] | undefined;

  constructor(options: PassOptions = {}) {
    this.redaction = options.redaction ?? noRedaction();
    this.trail = this.redaction.censor && [];
    this.under = options.under;
    this.taker = options.fields;
    this.writes = options.json ?? false;
    this.copies = options.copy ?? true;
    this.maxDepth = options.maxDepth ?? 8;
    this.maxString = options.maxString ?? 16_384;
    this.left = options.maxItems ?? 1_000;
  }

  /** The top of the walk: undefined, and nothing written, for values that objects drop. */
  top(value: unknown): SafeValue | undefined {
    return this.value(value, 0, this.redaction.paths);
  }

  private value(value: unknown, depth: number, at: PathState | undefined): SafeValue | undefined {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'number':
        if (Number.isFinite(value)) {
          if (this.writes) this.json += String(value);
          // Adding 0 turns -0, which JSON cannot tell from 0, into 0.
          return value + 0;
        }
        return this.text(String(value));
      case 'boolean':
        if (this.writes) this.json += value ? 'true' : 'false';
        return value;
      case 'bigint':
        return this.text(value.toString());
      case 'object':
        if (value !== null) return this.object(value, depth, at);
        if (this.writes) this.json += 'null';
        return null;
      default:
        return undefined;
    }
  }

  private text(text: string): string {
    if (this.isShort(text)) {
      if (this.writes) this.json += `"${text}"`;
      return text;
    }
    const safe = safeText(text, this.maxString);
    if (this.writes) this.json += JSON.stringify(safe);
    return safe;
  }

  private isShort(text: string): boolean {
    return text.length <= this.maxString && isPlainText(text);
  }

  private object(value: object, depth: number, at: PathState | undefined): SafeValue | undefined {
    if (this.path.includes(value)) return this.text('[Circular]');
    const { json } = this;
    const open = this.path.push(value);
    try {
      return this.contents(value, depth, at);
    } catch (error) {
      this.json = json;
      return this.text(throwsMark(error));
    } finally {
      this.path.length = open - 1;
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
    if (this.writes) this.json += '[';
    for (const item of items) {
      if (this.writes && index > 0) this.json += ',';
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
      if (copy === undefined && this.writes) this.json += 'null';
      if (this.copies) list.push(copy ?? null);
      if (isCut) break;
      index++;
    }
    if (this.writes) this.json += ']';
    return this.copies ? list : NOTHING;
  }

  private fields(source: Record<string, unknown>, depth: number, at: PathState | undefined): SafeObject {
    const taker = depth === 0 ? this.taker : undefined;
    const keeps = this.copies && taker === undefined;
    const copies: SafeObject = keeps ? {} : NOTHING;
    const keys = Object.keys(source);
    const under = depth === 0 && this.under ? this.giveWay(this.under, keys) : undefined;
    let isFirst = under === undefined || under.open === '{';
    if (under && keeps) Object.assign(copies, under.copy);
    if (under && taker) giveFields(under.copy, this.redaction, taker);
    if (this.writes) this.json += under ? under.open : '{';
    for (const key of keys) {
      const { json } = this;
      if (this.left-- <= 0) {
        if (this.writes) this.json += isFirst ? '"[Truncated]":true' : ',"[Truncated]":true';
        if (keeps) copies['[Truncated]'] = true;
        taker?.field(this.redaction.key('[Truncated]'), true);
        break;
      }
      const known = this.redaction.key(key);
      if (this.trail) this.trail.splice(depth, Infinity, key);
      const start = this.writes ? json + (isFirst ? known.first : known.next) : '';
      let copy: SafeValue | undefined;
      try {
        const item = source[key];
        if (typeof item === 'string' && !known.secret && at === undefined && this.isShort(item)) {
          // Most fields are this; fewer pieces of text are put together faster.
          if (this.writes) this.json = json + ((isFirst ? known.firstText : known.nextText) + item + '"');
          copy = item;
        } else {
          this.json = start;
          copy =
            at === undefined && !known.secret
              ? this.value(item, depth + 1, undefined)
              : this.guarded(item, key, depth, at, known.secret);
        }
      } catch (error) {
        this.json = start;
        copy = this.text(throwsMark(error));
      }
      if (copy === undefined) {
        this.json = json;
        continue;
      }
      isFirst = false;
      if (keeps) copies[known.name] = copy;
      else if (taker !== undefined) taker.field(known, copy);
      if (known.role !== undefined && depth === 0 && typeof copy === 'string')
        (this.roles ??= {})[known.role] = copy;
    }
    if (this.writes) this.json += '}';
    if (depth === 0) this.hasFields = true;
    return copies;
  }

  private giveWay(under: Fields, keys: readonly string[]): Fields {
    const names = keys.map((key) => this.redaction.key(key).name);
    if (!names.some((name) => Object.hasOwn(under.copy, name))) return under;
    const copy = { ...under.copy };
    for (const name of names) Reflect.deleteProperty(copy, name);
    return { copy, open: JSON.stringify(copy).slice(0, -1) };
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

/** Fields that are safe already. */
export function giveFields(from: SafeObject, redaction: KeyRedaction, to: FieldWriter): void {
  for (const key in from) to.field(redaction.key(key), from[key] ?? null);
}
