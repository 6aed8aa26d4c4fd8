import type { ErrorResponse } from '@unhinged/observability-core';

/** An answer that is not 2xx (`code` is the server's, `status` the HTTP status) or no answer at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ApiError';
  }
}

type QueryValue = string | number | boolean | undefined;

/** `path` with the parameters that are set; empty strings, false and undefined are left out, true becomes 1. */
export function withQuery(path: string, parameters: Record<string, QueryValue>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === '' || value === false) continue;
    query.set(name, value === true ? '1' : String(value));
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** GET `path` (relative to the page, for example `api/traces`). Throws {@link ApiError}, or AbortError by `signal`. */
export function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, signal === undefined ? {} : { signal });
}

/** POST `body` as JSON. Throws {@link ApiError}, or AbortError by `signal`. */
export function postJson<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return request<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiError(0, 'unreachable', 'The bridge does not answer. Is it still running?', { cause });
  }
  const text = await response.text();
  if (!response.ok) throw toError(response, text);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function toError(response: Response, text: string): ApiError {
  try {
    const { error } = JSON.parse(text) as ErrorResponse;
    return new ApiError(response.status, error.code, error.message);
  } catch {
    // Not our body: a proxy in between, or an older server. Its own words say more than ours.
    const words = text.trim().slice(0, 500);
    const status = `${response.status} ${response.statusText}`.trim();
    return new ApiError(response.status, 'http_error', words === '' ? status : `${status}: ${words}`);
  }
}
