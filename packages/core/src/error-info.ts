import type { ErrorInfo } from '@unhinged/observability-proto';
import { safeValue } from './safe-value.js';

const MAX_CAUSES = 8;

/**
 * What is known of a thrown value: type, message, stack, and its causes, outermost first, at most eight; the errors of an
 * AggregateError count as causes. Never throws, whatever the value does.
 */
export function errorInfo(error: unknown): ErrorInfo {
  const seen = new Set<unknown>([error]);
  const queue = causesOf(error);
  const causes: ErrorInfo[] = [];
  while (queue.length > 0 && causes.length < MAX_CAUSES) {
    const cause = queue.shift();
    if (seen.has(cause)) continue;
    seen.add(cause);
    causes.push(one(cause));
    queue.push(...causesOf(cause));
  }
  return { ...one(error), causes };
}

/** True for errors, also of another realm (an iframe, a vm context), where `instanceof` fails. */
export function isError(value: unknown): value is Error {
  try {
    return (
      value instanceof Error ||
      (typeof value === 'object' &&
        value !== null &&
        typeof (value as Error).message === 'string' &&
        typeof (value as Error).stack === 'string')
    );
  } catch {
    return false;
  }
}

function one(error: unknown): ErrorInfo {
  if (!isError(error)) {
    const safe = safeValue(error);
    const message =
      typeof safe === 'string' ? safe : safe === undefined ? String(error) : JSON.stringify(safe);
    return { type: error === null ? 'null' : typeof error, message, stack: '', causes: [] };
  }
  return {
    type: read(() => typeName(error)),
    message: read(() => error.message),
    stack: read(() => error.stack),
    causes: [],
  };
}

function typeName(error: Error): string {
  // A subclass that sets no name of its own is better known by its class, unless a minifier left two letters of it.
  const named = error.constructor.name;
  return error.name === 'Error' && named.length > 2 ? named : error.name;
}

function causesOf(error: unknown): unknown[] {
  if (!isError(error)) return [];
  try {
    const { cause, errors } = error as { cause?: unknown; errors?: unknown };
    return [
      ...(cause === undefined ? [] : [cause]),
      ...(Array.isArray(errors) ? (errors as unknown[]).slice(0, MAX_CAUSES) : []),
    ];
  } catch {
    return [];
  }
}

function read(get: () => unknown): string {
  try {
    const safe = safeValue(get());
    return typeof safe === 'string' ? safe : '';
  } catch {
    return '[Throws]';
  }
}
