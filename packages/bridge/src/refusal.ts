import { ObservabilityError } from '@unhinged/observability-core';

interface Kind {
  http: number;
  /** gRPC status code. */
  grpc: number;
  /** Set when the same request may succeed later, seconds from now. */
  retryAfter?: number;
}

/** Every way in which a request is refused, and how each protocol says it. */
const kinds = {
  bad_request: { http: 400, grpc: 3 },
  not_found: { http: 404, grpc: 12 },
  method_not_allowed: { http: 405, grpc: 12 },
  timeout: { http: 408, grpc: 4 },
  too_large: { http: 413, grpc: 8 },
  unsupported_media_type: { http: 415, grpc: 3 },
  overloaded: { http: 429, grpc: 8, retryAfter: 1 },
  journal_full: { http: 503, grpc: 14, retryAfter: 5 },
  journal_failed: { http: 503, grpc: 14, retryAfter: 5 },
  stopping: { http: 503, grpc: 14, retryAfter: 1 },
  internal: { http: 500, grpc: 13 },
} satisfies Record<string, Kind>;

/**
 * A request of which nothing was stored. `code` is one of `bad_request`, `not_found`, `method_not_allowed`, `timeout`, `too_large`,
 * `unsupported_media_type`, `overloaded`, `journal_full`, `journal_failed`, `stopping`, `internal`; the message says what to do.
 */
export class Refusal extends ObservabilityError {
  readonly http: number;
  readonly grpc: number;
  /** Seconds until a retry makes sense; undefined when it never does. */
  readonly retryAfter: number | undefined;

  constructor(code: keyof typeof kinds, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    const kind: Kind = kinds[code];
    this.http = kind.http;
    this.grpc = kind.grpc;
    this.retryAfter = kind.retryAfter;
  }
}
