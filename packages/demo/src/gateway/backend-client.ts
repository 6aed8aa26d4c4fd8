import { ApiError } from './api-error.js';

const TIMEOUT_MS = 10_000;

/**
 * Asks the back end and returns its JSON.
 *
 * @throws ApiError 502 `backend_unreachable` when there was no answer in time, 502 `backend_failed` when it was not 2xx.
 */
export class BackendClient {
  readonly #address: string;

  /** @param address Without a slash at the end. */
  constructor(address: string) {
    this.#address = address;
  }

  get(path: string): Promise<unknown> {
    return this.#ask(path, {});
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(`${this.#address}${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      text = await answer.text();
    } catch (cause) {
      throw new ApiError(502, 'backend_unreachable', 'The back end does not answer. Is it running?', {
        cause,
      });
    }
    if (answer.ok) return JSON.parse(text);
    throw new ApiError(502, 'backend_failed', `The back end answered ${answer.status}. Its log says why.`, {
      cause: new Error(`${init.method ?? 'GET'} ${path}: ${answer.status} ${text.slice(0, 200)}`),
    });
  }
}
