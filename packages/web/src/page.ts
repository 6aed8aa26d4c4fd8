import { SpanKind, trace, type Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from './recorder/span.js';
import type { Logger } from '@unhinged/observability-core';
import type { Page } from './instrument/instrument.js';
import { SIGNALS } from './delivery/batch.js';
import { exportUrl } from './delivery/transport.js';
import { createLogger } from './logger.js';
import type { Aggregator } from './metrics/aggregator.js';
import { REQUEST_DURATION } from './metrics/request-duration.js';
import type { WebSettings } from './options.js';
import type { Tracing } from './tracing.js';

/** Attributes of the duration, as the semantic conventions for HTTP metrics name them: all of few values. */
const KEPT = [
  'http.request.method',
  'http.response.status_code',
  'server.address',
  'server.port',
  'error.type',
] as const;

/** Counts and times a request of the page: RED metrics come from its span, before anything is sampled. */
export function measureRequest(metrics: Aggregator, { kind, attributes, duration }: ReadableSpan): void {
  if (kind !== SpanKind.CLIENT || attributes['http.request.method'] === undefined) return;
  const kept: Attributes = {};
  for (const key of KEPT) if (attributes[key] !== undefined) kept[key] = attributes[key];
  metrics.record(REQUEST_DURATION, duration[0] + duration[1] / 1e9, kept);
}

/** A test for the URLs of our own exports: nothing about them is recorded. */
export function ownExports(endpoint: string): (url: string) => boolean {
  const own = SIGNALS.map((signal) => exportUrl(endpoint, signal));
  return (url) => own.includes(url);
}

/** What the instruments get. */
export function pageOf(
  settings: WebSettings,
  { provider, contexts, active, headersOf }: Tracing,
  parts: Pick<Page, 'metrics' | 'keepTrace' | 'beforeFlush' | 'shown'>,
): Page {
  // With the first event: a logger is a good part of what starting costs.
  let log: Logger | undefined;
  const isOwn = ownExports(settings.endpoint);
  const tracer = provider.getTracer('@unhinged/observability-web');
  const ownOrigin = `${location.origin}/`;
  return {
    ...parts,
    tracer,
    begin: (name, kind, startTime) => tracer.begin(name, { kind, startTime }, active()),
    event(name, attributes, { level = 'info', message = name } = {}) {
      log ??= createLogger({ flags: '=DL' }).child({ component: 'browser' });
      log[level](message, { 'event.name': name, ...attributes });
    },
    ignores: (url) => isOwn(url) || settings.ignore.some((pattern) => pattern.test(url)),
    propagatesTo: (url) =>
      url.startsWith(ownOrigin) || settings.propagateTo.some((pattern) => pattern.test(url)),
    headersOf,
    enter: (span) => contexts.enter(trace.setSpan(contexts.active(), span)),
  };
}
