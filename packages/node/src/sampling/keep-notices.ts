import { SpanKind, type Span } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** Request header of ours: trace ids of the last seconds that the caller keeps for an error it saw after its call. */
export const KEEP_NOTICE = 'unhinged-keep';

const MAX_ORIGINS = 256;
/** 32 ids are 1 KiB, a fraction of what servers take as headers. */
const MAX_IDS = 32;
/** As long as callees hold what they left out. */
const MAX_AGE_MS = 10_000;

/**
 * Tells the tiers below of an error that came too late for the sampled flag: they have answered well and left their part of the
 * trace out, but hold it for some seconds. The next request to the same origin carries the trace id; no request is made for it.
 * Bounded: the oldest notices give way.
 */
export class KeepNotices {
  private readonly byOrigin = new Map<string, { traceId: string; epochMs: number }[]>();

  /** Notices that gave way to newer ones before a request could take them along. */
  dropped = 0;

  constructor(private readonly now: () => number = Date.now) {}

  /** Of a kept segment: its calls that did not carry the mark. */
  add(spans: readonly ReadableSpan[], wasMarked: (span: ReadableSpan) => boolean): void {
    for (const span of spans) {
      if (span.kind !== SpanKind.CLIENT || wasMarked(span)) continue;
      const origin = originOf(span);
      if (origin !== undefined) this.put(origin, span.spanContext().traceId);
    }
  }

  /** The header's value for a call, undefined when there is nothing to tell. What is taken is gone. */
  take(call: Span): string | undefined {
    if (this.byOrigin.size === 0) return undefined;
    const origin = originOf(call);
    const notices = origin === undefined ? undefined : this.byOrigin.get(origin);
    if (origin === undefined || notices === undefined) return undefined;
    this.byOrigin.delete(origin);
    const oldest = this.now() - MAX_AGE_MS;
    const ids = notices.filter(({ epochMs }) => epochMs >= oldest).map(({ traceId }) => traceId);
    return ids.length === 0 ? undefined : ids.join(',');
  }

  private put(origin: string, traceId: string): void {
    const notices = this.byOrigin.get(origin) ?? [];
    if (notices.some((notice) => notice.traceId === traceId)) return;
    notices.push({ traceId, epochMs: this.now() });
    if (notices.length > MAX_IDS) {
      notices.shift();
      this.dropped += 1;
    }
    // Set anew, so that the map's first origin is the one with the oldest news.
    this.byOrigin.delete(origin);
    this.byOrigin.set(origin, notices);
    if (this.byOrigin.size > MAX_ORIGINS) {
      for (const [oldest, forgotten] of this.byOrigin) {
        this.byOrigin.delete(oldest);
        this.dropped += forgotten.length;
        break;
      }
    }
  }
}

/** Trace ids of a received header; what is none is passed over. */
export function noticedTraceIds(header: unknown): string[] {
  if (typeof header !== 'string') return [];
  return header
    .split(',', MAX_IDS)
    .map((id) => id.trim())
    .filter((id) => /^[0-9a-f]{32}$/.test(id));
}

function originOf(span: Partial<ReadableSpan>): string | undefined {
  const address = span.attributes?.['server.address'];
  const port = span.attributes?.['server.port'];
  return address === undefined || port === undefined ? undefined : `${String(address)}:${String(port)}`;
}
