import { ObservabilityError } from './errors.js';

/** One object of a policy file with its path, read field by field; each way to read names the path of what is wrong. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  private constructor(values: Readonly<Record<string, unknown>>, path: string) {
    this.#values = values;
    this.#path = path;
  }

  /** The file as a whole. @throws ObservabilityError `bad_policy`, as everything here. */
  static top(json: unknown, keys: readonly string[]): Fields {
    return new Fields(objectOf(json, '', keys), '');
  }

  /** The object under a key; empty when it is missing. */
  section(key: string, keys: readonly string[]): Fields {
    return this.#section(key, keys);
  }

  /** An object whose keys are the user's own. */
  map<T>(key: string, read: (of: Fields, key: string) => T): Record<string, T> {
    const of = this.#section(key, undefined);
    // Null prototype: `__proto__` is a key like any other.
    const result = Object.create(null) as Record<string, T>;
    for (const own of Object.keys(of.#values)) result[own] = read(of, own);
    return result;
  }

  /** A list of objects; empty when it is missing. */
  list<T>(key: string, keys: readonly string[], read: (of: Fields) => T): T[] {
    const isList = (value: unknown) => Array.isArray(value);
    return this.value<unknown[]>(key, [], 'a list', isList).map((each, index) => {
      const path = `${join(this.#path, key)}[${index}]`;
      return read(new Fields(objectOf(each, path, keys), path));
    });
  }

  /** A text that is not empty. */
  text(key: string, expected = 'a text', form = /^./s): string {
    return this.value<string>(
      key,
      undefined,
      expected,
      (value) => typeof value === 'string' && form.test(value),
    );
  }

  optionalText(key: string, expected?: string, form?: RegExp): string | undefined {
    return Object.hasOwn(this.#values, key) ? this.text(key, expected, form) : undefined;
  }

  /** A finite number of at least `least`. */
  number(key: string, fallback: number, least: number, expected = `a number, ${least} or more`): number {
    return this.value(key, fallback, expected, (value) => isNumber(value) && value >= least);
  }

  whole(key: string, fallback: number, least: number): number {
    const isGood = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least;
    return this.value(key, fallback, `a whole number, ${least} or more`, isGood);
  }

  /** A number from 0 to 1; without a fallback it must be there. */
  share(key: string, fallback?: number): number {
    const isGood = (value: unknown) => isNumber(value) && value >= 0 && value <= 1;
    return this.value(key, fallback, 'a number from 0 to 1', isGood);
  }

  /** The value under a key when it is good, the fallback when there is none. */
  value<T>(key: string, fallback: T | undefined, expected: string, isGood: (value: unknown) => boolean): T {
    const value = Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
    if (value === undefined && fallback !== undefined) return fallback;
    if (!isGood(value)) this.fail(key, `expected ${expected}`, value);
    return value as T;
  }

  fail(key: string, expected: string, given: unknown): never {
    throw bad(join(this.#path, key), `${expected}, got ${shown(given)}`);
  }

  #section(key: string, keys: readonly string[] | undefined): Fields {
    const path = join(this.#path, key);
    const value = Object.hasOwn(this.#values, key) ? this.#values[key] : undefined;
    return new Fields(value === undefined ? {} : objectOf(value, path, keys), path);
  }
}

export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

function objectOf(
  value: unknown,
  path: string,
  keys: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(path, `expected an object, got ${shown(value)}`);
  }
  for (const key of keys === undefined ? [] : Object.keys(value)) {
    if (!keys?.includes(key))
      throw bad(join(path, key), `unknown key; known here: ${keys?.join(', ') ?? ''}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

const bad = (path: string, what: string) =>
  new ObservabilityError('bad_policy', `${path === '' ? 'policy' : path}: ${what}`);

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
