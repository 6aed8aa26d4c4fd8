import { LOG_LEVELS, ObservabilityError, type LogLevel } from '@unhinged/observability-core';

const badRequest = (message: string): ObservabilityError => new ObservabilityError('bad_request', message);

/** Query parameters of a request, each checked. @throws ObservabilityError `bad_request` naming the parameter. */
export class Params {
  readonly #params: URLSearchParams;

  /** @param known All names that the endpoint has: a misspelt one must not be ignored. */
  constructor(params: URLSearchParams, known: readonly string[]) {
    this.#params = params;
    for (const name of params.keys()) {
      if (known.includes(name)) continue;
      const names = known.length === 0 ? 'none here' : `here: ${known.join(', ')}`;
      throw badRequest(`Unknown parameter ${JSON.stringify(name)}; known ${names}.`);
    }
  }

  /** Undefined when missing or empty. */
  text(name: string): string | undefined {
    const value = this.#params.get(name);
    return value === null || value === '' ? undefined : value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw badRequest(`Parameter ${name} is missing.`);
    return value;
  }

  number(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (Number.isFinite(value) && value >= min && value <= max) return value;
    throw badRequest(
      `Parameter ${name}: expected a number from ${min} to ${max}, got ${JSON.stringify(text)}.`,
    );
  }

  count(name: string, fallback: number, max: number): number {
    const value = this.number(name, fallback, 1, max);
    if (Number.isInteger(value)) return value;
    throw badRequest(`Parameter ${name}: expected a whole number from 1 to ${max}, got ${value}.`);
  }

  flag(name: string): boolean {
    const text = this.text(name);
    if (text === undefined || text === '0' || text === 'false') return false;
    if (text === '1' || text === 'true') return true;
    throw badRequest(`Parameter ${name}: expected 1 or 0, got ${JSON.stringify(text)}.`);
  }

  level(name: string): LogLevel | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const level = LOG_LEVELS.find((known) => known === text);
    if (level) return level;
    throw badRequest(
      `Parameter ${name}: expected one of ${LOG_LEVELS.join(', ')}, got ${JSON.stringify(text)}.`,
    );
  }

  traceId(name: string): string | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : checkedTraceId(text, `Parameter ${name}`);
  }
}

/** In lower case. */
export function checkedTraceId(text: string, where: string): string {
  if (/^[0-9a-f]{32}$/i.test(text)) return text.toLowerCase();
  throw badRequest(
    `${where}: expected a trace id of 32 hex digits, got ${JSON.stringify(text.slice(0, 100))}.`,
  );
}
