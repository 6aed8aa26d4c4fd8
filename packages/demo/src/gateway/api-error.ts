import { ErrorResponse } from './gen/unhinged/chat/v1/chat.js';

export type ErrorCode = 'bad_request' | 'not_found' | 'backend_failed' | 'backend_unreachable' | 'internal';

/** An error whose message may be shown to whoever asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly field: string | undefined;

  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    { field, cause }: { field?: string; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.field = field;
  }

  toBody(): unknown {
    const { code, message, field = '' } = this;
    return ErrorResponse.toJSON({ error: { code, message, field } });
  }
}

/** A 400 that names the field, what was expected and what was given. */
export function badField(field: string, expected: string, given: unknown): ApiError {
  const shown = given === undefined ? 'nothing' : JSON.stringify(given).slice(0, 80);
  return new ApiError(400, 'bad_request', `${field}: expected ${expected}, got ${shown}`, { field });
}
