import type { SignalStats } from './counted.js';
import { flushOnHide } from './flush-on-hide.js';
import { startLogging } from './logging.js';
import { startMetrics } from './metrics.js';
import { resolveOptions, type StartWebOptions, type WebSettings } from './options.js';
import { reportProblem } from './report.js';
import { webResource } from './resource.js';
import { setCurrentWeb } from './running.js';
import { sessionId } from './session.js';
import { startTracing } from './tracing.js';
import { captureUncaught } from './uncaught.js';

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
 * Starts traces, logs and metrics of this page. Never throws: a wrong option is reported on the console and its default
 * used. Without a window (server-side rendering, Node) it returns an SDK that does nothing. A second call returns the SDK
 * that runs.
 */
export function startWeb(options: StartWebOptions): WebSdk {
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
    return (current = run(settings));
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

function run(settings: WebSettings): WebSdk {
  const resource = webResource(settings);
  const session = sessionId();
  const metrics = startMetrics(settings, resource);
  const logging = startLogging(settings, resource);
  const tracing = startTracing(settings, resource, session, (span) => {
    metrics.recordRequest(span);
  });
  const signals = [tracing, logging, metrics];
  setCurrentWeb({
    settings,
    sessionId: session,
    record: (line) => {
      logging.record(line);
    },
  });
  const flush = async () => {
    await Promise.allSettled(signals.map((signal) => signal.flush()));
  };
  const stopListening = [captureUncaught(), flushOnHide(flush)];
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    for (const stopOne of stopListening) stopOne();
    setCurrentWeb(undefined);
    current = undefined;
    await Promise.allSettled(signals.map((signal) => signal.stop()));
  };
  return {
    flush,
    shutdown: () => (stopped ??= stop()),
    stats: () => ({ spans: { ...tracing.stats }, logs: { ...logging.stats } }),
  };
}
