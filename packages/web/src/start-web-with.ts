import type { Attributes } from '@opentelemetry/api';
import { SafeFields } from '@unhinged/observability-core';
import { Delivery } from './delivery/delivery.js';
import { noDelivery, type DeliveryStats } from './delivery/stats.js';
import { onLeave } from './on-leave.js';
import type { Instrument, Stop } from './instrument/instrument.js';
import { otelInstrumentation } from './instrument/otel-instrumentation.js';
import { Aggregator } from './metrics/aggregator.js';
import { resolveOptions, type StartWebOptions, type WebSettings } from './options.js';
import { asksForPrivacy } from './privacy/do-not-track.js';
import { measureRequest, ownExports, pageOf } from './page.js';
import { reportProblem, safely } from './report.js';
import { ATTR_ROUTE, currentRoute } from './route.js';
import { isBrowser } from './runtime.js';
import { setCurrentWeb } from './running.js';
import { gated } from './sampling/gated-delivery.js';
import { KeepGate, type KeepGateStats } from './sampling/keep-gate.js';
import { sessionSampler } from './sampling/session-sampler.js';
import { newSpanId, newTraceId } from './sampling/session-trace-ids.js';
import { recordSession } from './session/session-events.js';
import { startSession } from './session/session.js';
import { startTracing } from './tracing.js';
import { currentUser } from './user.js';

export interface WebSdk {
  /** Sends what waits. Resolves when the receiver has answered, or the attempt was given up; never rejects. */
  flush(): Promise<void>;
  /** Flushes, then gives back everything it took hold of. Never rejects; a second call does nothing. */
  shutdown(): Promise<void>;
  /** Counts since the start. What the sampling holds or lets go is not recorded as far as the delivery goes. */
  stats(): DeliveryStats & { sampling: KeepGateStats };
  /** Id of the user's session now, for a worker or a frame; empty where nothing is recorded. */
  readonly sessionId: () => string;
}

let current: WebSdk | undefined;

/**
 * `startWeb` with the given instruments and no others, so that a bundler leaves the rest out:
 *
 *     startWebWith({ service: 'shop' }, [traceFetch(), captureErrors()]);
 */
export function startWebWith(options: StartWebOptions, instruments: readonly Instrument[]): WebSdk {
  if (!isBrowser()) return inert;
  if (current) {
    reportProblem(
      'startWeb was called again; the SDK that runs is kept. Call shutdown() first to start another.',
    );
    return current;
  }
  current = safely(() => {
    const settings = resolveOptions(options, (problem) => {
      reportProblem(`startWeb: ${problem}`);
    });
    if (settings.respectDoNotTrack && asksForPrivacy()) return undefined;
    return run(settings, instruments);
  }, 'startWeb failed; the page runs without telemetry.');
  return current ?? inert;
}

const inert: WebSdk = {
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  stats: () => ({
    ...noDelivery(),
    sampling: { held: { spans: 0, logs: 0, metrics: 0 }, sampledOut: { spans: 0, logs: 0, metrics: 0 } },
  }),
  sessionId: () => '',
};

function run(settings: WebSettings, instruments: readonly Instrument[]): WebSdk {
  const session = startSession({ id: settings.sessionId });
  const metrics = new Aggregator();
  const delivery = new Delivery(settings);
  const gate = new KeepGate(session, sessionSampler(settings.sampleRate, settings.actionSampleRate));
  const out = gated(delivery, gate, settings, session.id);
  const isOwn = ownExports(settings.endpoint);
  const listeners = new Set<() => void>();
  const collect = () => {
    for (const listener of listeners) safely(listener);
    out.addMetrics(metrics.collect());
  };
  const flush = () => {
    collect();
    return delivery.flush();
  };
  const tracing = startTracing({
    begin(name, parentTraceId) {
      const sessionId = session.id();
      const traceId = parentTraceId ?? newTraceId(sessionId);
      const attributes: Attributes = { 'session.id': sessionId };
      const user = currentUser();
      if (user !== undefined) attributes['user.id'] = user;
      const route = currentRoute();
      if (route !== undefined) attributes[ATTR_ROUTE] = route;
      return { traceId, spanId: newSpanId(), sampled: gate.begins(traceId, name), attributes };
    },
    onEnd(span) {
      // Resource timings show our own requests to others' instrumentations.
      const url = span.attributes['url.full'];
      if (typeof url === 'string' && isOwn(url)) return;
      measureRequest(metrics, span);
      out.addSpan(span);
    },
    flush,
  });
  setCurrentWeb({
    settings,
    get sessionId() {
      return session.id();
    },
    record(line) {
      const route = currentRoute();
      out.addLine(
        route === undefined ? line : line.with(SafeFields.of({ [ATTR_ROUTE]: route, ...line.metadata })),
      );
    },
  });
  const page = pageOf(settings, tracing, {
    metrics,
    shown: settings.redactUrl,
    keepTrace: (traceId) => {
      gate.keepTrace(traceId);
    },
    beforeFlush(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const stops: Stop[] = [
    onLeave((isGone) => {
      collect();
      delivery.leave(isGone);
    }),
    recordSession(session, page),
  ];
  for (const instrument of [...instruments, ...settings.instrumentations.map(otelInstrumentation)]) {
    const stop = safely(() => instrument(page));
    if (stop) stops.unshift(stop);
  }
  const interval = setInterval(() => {
    out.addMetrics(metrics.collect());
  }, settings.metricIntervalMs);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    clearInterval(interval);
    for (const stopOne of stops) safely(stopOne);
    await flush();
    setCurrentWeb(undefined);
    current = undefined;
    tracing.stop();
    gate.stop();
    session.stop();
    await delivery.stop();
  };
  return {
    flush,
    shutdown: () => (stopped ??= stop()),
    sessionId: session.id,
    stats: () => ({ ...delivery.stats(), sampling: gate.stats() }),
  };
}
