import type { SignalStats } from './counted.js';
import { flushOnHide } from './flush-on-hide.js';
import type { Instrument, Stop } from './instrument/instrument.js';
import { otelInstrumentations } from './instrument/otel-instrumentations.js';
import { Aggregator } from './metrics/aggregator.js';
import { resolveOptions, type StartWebOptions, type WebSettings } from './options.js';
import { measureRequest, ownExports, pageOf } from './page.js';
import { reportProblem } from './report.js';
import { webResource } from './resource.js';
import { setCurrentWeb } from './running.js';
import { sessionId } from './session.js';
import { stockDelivery } from './stock-delivery.js';
import { startTracing } from './tracing.js';

export interface WebSdk {
  /** Sends what waits. Resolves when the receiver has answered, or the attempt was given up; never rejects. */
  flush(): Promise<void>;
  /** Flushes, then gives back everything it took hold of. Never rejects; a second call does nothing. */
  shutdown(): Promise<void>;
  /** Counts since the start; log records are those of our loggers. */
  stats(): { spans: SignalStats; logs: SignalStats };
}

let current: WebSdk | undefined;

/**
 * `startWeb` with the given instruments and no others, so that a bundler leaves the rest out:
 *
 *     startWebWith({ service: 'shop' }, [traceFetch(), captureErrors()]);
 */
export function startWebWith(options: StartWebOptions, instruments: readonly Instrument[]): WebSdk {
  if (typeof window === 'undefined' || typeof document === 'undefined') return inert;
  if (current) {
    reportProblem(
      'startWeb was called again; the SDK that runs is kept. Call shutdown() first to start another.',
    );
    return current;
  }
  try {
    const settings = resolveOptions(options, (problem) => {
      reportProblem(`startWeb: ${problem}`);
    });
    return (current = run(settings, instruments));
  } catch (error) {
    reportProblem('startWeb failed; the page runs without telemetry.', error);
    return inert;
  }
}

const nothing = (): SignalStats => ({ recorded: 0, sent: 0, failed: 0 });
const inert: WebSdk = {
  flush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  stats: () => ({ spans: nothing(), logs: nothing() }),
};

function run(settings: WebSettings, instruments: readonly Instrument[]): WebSdk {
  const resource = webResource(settings);
  const session = sessionId();
  const metrics = new Aggregator();
  const delivery = stockDelivery(settings, resource);
  const isOwn = ownExports(settings.endpoint);
  const listeners = new Set<() => void>();
  const flush = async () => {
    for (const listener of listeners) listener();
    delivery.addMetrics(metrics.collect());
    await delivery.flush();
  };
  const tracing = startTracing(resource, {
    onStart(span) {
      span.setAttribute('session.id', session);
    },
    onEnd(span) {
      // Resource timings show our own requests to others' instrumentations.
      const url = span.attributes['url.full'];
      if (typeof url === 'string' && isOwn(url)) return;
      measureRequest(metrics, span);
      delivery.addSpan(span);
    },
    forceFlush: flush,
    shutdown: () => Promise.resolve(),
  });
  setCurrentWeb({
    settings,
    sessionId: session,
    record: (line) => {
      delivery.addLine(line);
    },
  });
  const page = pageOf(settings, tracing, {
    metrics,
    shown: (url) => url,
    keepTrace: () => undefined,
    beforeFlush(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const stops: Stop[] = [flushOnHide(flush)];
  for (const instrument of [...instruments, otelInstrumentations(settings.instrumentations)]) {
    try {
      stops.unshift(instrument(page));
    } catch (error) {
      reportProblem('An instrument could not start; the others run.', error);
    }
  }
  const interval = setInterval(() => {
    delivery.addMetrics(metrics.collect());
  }, settings.metricIntervalMs);
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    clearInterval(interval);
    for (const stopOne of stops) stopOne();
    await flush();
    setCurrentWeb(undefined);
    current = undefined;
    tracing.stop();
    await delivery.stop();
  };
  return { flush, shutdown: () => (stopped ??= stop()), stats: () => delivery.stats() };
}
