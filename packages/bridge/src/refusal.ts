import { status } from '@grpc/grpc-js';
import { ObservabilityError } from '@unhinged/observability-core';

interface Kind {
  http: number;
  grpc: status;
  /** Set when the same request may succeed later, seconds from now. */
  retryAfter?: number;
}

/** Every way in which a request is refused, and how each protocol says it. */
const kinds = {
  bad_request: { http: 400, grpc: status.INVALID_ARGUMENT },
  not_found: { http: 404, grpc: status.UNIMPLEMENTED },
  method_not_allowed: { http: 405, grpc: status.UNIMPLEMENTED },
  timeout: { http: 408, grpc: status.DEADLINE_EXCEEDED },
  too_large: { http: 413, grpc: status.RESOURCE_EXHAUSTED },
  unsupported_media_type: { http: 415, grpc: status.INVALID_ARGUMENT },
  overloaded: { http: 429, grpc: status.RESOURCE_EXHAUSTED, retryAfter: 1 },
  journal_full: { http: 503, grpc: status.UNAVAILABLE, retryAfter: 5 },
  journal_failed: { http: 503, grpc: status.UNAVAILABLE, retryAfter: 5 },
  stopping: { http: 503, grpc: status.UNAVAILABLE, retryAfter: 1 },
  internal: { http: 500, grpc: status.INTERNAL },
} satisfies Record<string, Kind>;

export type RefusalCode = keyof typeof kinds;

/**
 * A request of which nothing was stored. `code` is one of `bad_request`, `not_found`, `method_not_allowed`, `timeout`, `too_large`,
 * `unsupported_media_type`, `overloaded`, `journal_full`, `journal_failed`, `stopping`, `internal`; the message says what to do.
 */
export class Refusal extends ObservabilityError {
  readonly http: number;
  readonly grpc: status;
  /** Seconds until a retry makes sense; undefined when it never does. */
  readonly retryAfter: number | undefined;

  constructor(code: RefusalCode, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    const kind: Kind = kinds[code];
    this.http = kind.http;
    this.grpc = kind.grpc;
    this.retryAfter = kind.retryAfter;
  }
}
