/** Sets an own property also when it is called `__proto__`, where an assignment would change the prototype instead. */
export function setOwn<T>(object: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** One entry more than can be kept, so that the cut is marked. */
export function mapFields(map: Map<unknown, unknown>, limit: number): Record<string, unknown> {
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

const NAMES = { type: 'name', message: 'message', stack: 'stack', cause: 'cause' } as const;
const STANDARD: readonly string[] = ['name', 'type', 'message', 'stack', 'cause', 'errors'];

/** What an Error keeps off its own enumerable keys, then those. */
export function errorFields(error: Error): Record<string, unknown> {
  return readEach(error, [...Object.entries(NAMES), ...Object.keys(error).map((own) => [own, own] as const)]);
}

/** The fields an error has beside those of every error, such as `code`; undefined when there are none. */
export function ownErrorFields(error: Error): Record<string, unknown> | undefined {
  const own = Object.keys(error).filter((key) => !STANDARD.includes(key));
  return own.length === 0
    ? undefined
    : readEach(
        error,
        own.map((key) => [key, key]),
      );
}

function readEach(
  error: Error,
  fields: readonly (readonly [field: string, key: string])[],
): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [field, key] of fields) {
    try {
      setOwn(read, field, (error as unknown as Record<string, unknown>)[key]);
    } catch (thrown) {
      setOwn(read, field, throwsMark(thrown));
    }
  }
  return read;
}

/** What stands for a value that threw. */
export function throwsMark(error: unknown): string {
  try {
    return `[Throws: ${error instanceof Error ? error.message : String(error)}]`;
  } catch {
    return '[Throws]';
  }
}
