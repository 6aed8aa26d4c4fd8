import { parseKeyPairsIntoRecord } from '@opentelemetry/core';

export type Env = Readonly<Record<string, string | undefined>>;
export type Report = (problem: string) => void;

/** A variable's text, trimmed; empty counts as unset (OpenTelemetry specification, environment variables). */
export function text(env: Env, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? undefined : value;
}

export function flag(env: Env, name: string): boolean {
  return text(env, name)?.toLowerCase() === 'true';
}

export function list(env: Env, name: string): string[] {
  return (text(env, name) ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `k=v,k2=v2` with percent-encoding, as in OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS. */
export function pairs(env: Env, name: string): Record<string, string> {
  return parseKeyPairsIntoRecord(text(env, name));
}

/** A whole number of at least 1, or `fallback` with a report. */
export function positive(env: Env, name: string, fallback: number, report: Report): number {
  const value = text(env, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  report(`${name} must be a whole number of at least 1, got '${value}'; using ${fallback.toString()}`);
  return fallback;
}

/** The variable if it is one of `allowed`, else undefined with a report. */
export function oneOf<T extends string>(
  env: Env,
  name: string,
  allowed: readonly T[],
  report: Report,
): T | undefined {
  const value = text(env, name);
  if (value === undefined) return undefined;
  const found = allowed.find((each) => each === value);
  if (found === undefined) report(`${name} must be one of ${allowed.join(', ')}, got '${value}'; ignored`);
  return found;
}
