import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { metrics } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';
import type * as Auto from '@opentelemetry/auto-instrumentations-node';
import { ATTR_SERVICE_TYPE } from '@unhinged/observability-core';
import { checkOptions } from './config/check-options.js';
import type { NodeOptions, ServiceType } from './config/options.js';
import { text, type Env, type Report } from './config/read-env.js';
import { withConfigFile } from './config/config-file.js';
import { processFacts, resolveConfig, type ResolvedConfig } from './config/resolve.js';
import { resolveSdkSettings } from './config/sdk-settings.js';
import { EXIT_FLUSH_MS, flushOnExit, within } from './exit.js';
import { createPipelines, type Pipelines } from './pipelines.js';
import { startInstrumentations } from './instrument/instrumentations.js';
import { lineSender } from './log/otlp-sink.js';
import { stdout } from './log/stdout.js';
import { exemplars } from './metrics/exemplars.js';
import { answerMetrics } from './metrics/prometheus-reader.js';
import { commentAs, type Format } from './metrics/prometheus-text.js';
import { startDiagnostics, startPropagation, startProviders } from './providers.js';
import { running } from './running.js';
import { choosePolicy } from './sampling/choose-policy.js';
import { observeSampling } from './sampling/observe-sampling.js';
import { startSampling, type Sampling } from './sampling/start-sampling.js';
import { observeCounts, type SignalStats } from './stats.js';
import { warnOnce } from './warn.js';

/** Counts since the process started. `spans` counts spans that ended, `metrics` data points exported over OTLP. */
export interface NodeStats {
  /** Contents of the policy file so far: taken over, and rejected because they could not be read or made no sense. */
  policy: { loaded: number; rejected: number };
  spans: SignalStats;
  /** Lines with D or L, and records of other libraries. */
  logs: SignalStats;
  metrics: SignalStats;
  /** Lines with C; exported is written. */
  console: SignalStats;
}

export interface NodeSdk {
  /** Sends everything recorded so far. Resolves also when the collector refused it: see {@link NodeSdk.stats}. Never rejects. */
  flush(): Promise<void>;
  /** Flushes for at most 2 s and stops; later records are dropped and counted. Never rejects. */
  shutdown(): Promise<void>;
  /** Answers a node:http request with this process's metrics for Prometheus: OpenMetrics 1.0 or text 0.0.4, as it accepts. */
  metricsHandler(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The same text for frameworks; its content type is `text/plain; version=0.0.4; charset=utf-8`. */
  metricsText(): Promise<string>;
  stats(): NodeStats;
}

const require = createRequire(import.meta.url);
const SCOPE = '@unhinged/observability-node';
let current: NodeSdk | undefined;

/**
 * Starts traces, metrics and logs for this process. Call it before the modules it should patch are loaded: from a file given to
 * `node --import`, or use `--import @unhinged/observability-node/register`. Never throws; what is wrong is warned of and left
 * out. A second call returns the running SDK, so `startNode()` is also the way to get hold of it.
 */
export function startNode(options?: NodeOptions): NodeSdk {
  if (current !== undefined) {
    if (options !== undefined) {
      warnOnce(
        'startNode: already started, the options of this call are ignored; the running SDK is returned',
      );
    }
    return current;
  }
  try {
    current = start(options);
  } catch (error) {
    warnOnce(`startNode: telemetry could not start and is off: ${String(error)}`);
    current = idleSdk('not_started');
  }
  return current;
}

/** Answers with the metrics of the SDK that runs; a scrape does not start one. */
export function currentMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
  return (current ?? idleSdk('not_started')).metricsHandler(request, response);
}

function start(options: NodeOptions | undefined): NodeSdk {
  const report = (problem: string) => {
    warnOnce(`startNode: ${problem}`);
  };
  const facts = processFacts();
  facts.env = withConfigFile(facts.env, report);
  const config = resolveConfig(checkOptions(options, report), facts, report);
  const settings = resolveSdkSettings(facts.env, report);
  running.resource = config.resource;
  startDiagnostics(settings.diagnostics);
  exemplars.enabled = settings.exemplars;
  if (config.disabled) {
    startPropagation(settings.propagators);
    return idleSdk('disabled');
  }

  // Before anything else of ours loads a module that they patch.
  const instrumented =
    config.instrumentations === false
      ? undefined
      : startInstrumentations(config.instrumentations, config.ignorePaths, facts.env, report);
  const resource = createResource(config);
  const pipelines = createPipelines(config, running.counts, report);
  const sampling =
    pipelines.spanSinks.length > 0 ? sampleSpans(config, pipelines, facts.env, report) : undefined;
  if (instrumented !== undefined) sampling?.instrument(instrumented);
  const stopProviders = startProviders(resource, pipelines, settings, sampling?.recorder);
  instrumented?.useGlobalProviders();
  const meter = metrics.getMeter(SCOPE);
  observeCounts(meter, running.counts);
  if (sampling !== undefined) observeSampling(meter, () => sampling.events());
  if (pipelines.logRecordProcessors.length > 0) {
    running.sendLine = lineSender(resource, pipelines.logRecordProcessors, settings.limits.logRecord);
  } else {
    running.noLogsBecause = 'disabled';
  }

  return runningSdk(pipelines, config, sampling, async () => {
    instrumented?.stop();
    sampling?.stop();
    await stopProviders();
  });
}

/** Puts the sampling policy between the tracers and the ways out. */
function sampleSpans(config: ResolvedConfig, { spanSinks }: Pipelines, env: Env, report: Report): Sampling {
  const choice = choosePolicy(config.policy, env, config.environment, report);
  const of = {
    serviceType: config.resource[ATTR_SERVICE_TYPE] as ServiceType,
    service: String(config.resource['service.name']),
  };
  return startSampling(choice, of, spanSinks, running, report);
}

function runningSdk(
  pipelines: Pipelines,
  config: ResolvedConfig,
  sampling: Sampling | undefined,
  stop: () => Promise<void>,
): NodeSdk {
  const flush = async () => {
    await Promise.allSettled([
      ...pipelines.spanSinks.map((sink) => sink.flush()),
      ...[...pipelines.logRecordProcessors, ...pipelines.metricReaders].map((part) => part.forceFlush()),
      stdout.writer?.flush(),
    ]);
  };
  running.flush = flush;
  const flushLast = () => {
    sampling?.decideAll();
    return flush();
  };
  const stopListening = config.handleExit
    ? flushOnExit(flushLast, {
        away: pipelines.away,
        letGo: pipelines.disconnect,
        lastly: () => stdout.writer?.end(),
      })
    : () => undefined;
  let stopped: Promise<void> | undefined;
  const readMetrics = (format: Format) =>
    stopped === undefined
      ? pipelines.prometheus.text(format)
      : Promise.resolve(commentAs(format, 'telemetry has stopped'));
  return {
    flush,
    shutdown: () => {
      stopped ??= (async () => {
        stopListening();
        running.sendLine = undefined;
        running.noLogsBecause = 'stopped';
        await within(EXIT_FLUSH_MS, stop());
        await within(EXIT_FLUSH_MS, pipelines.end());
      })();
      return stopped;
    },
    metricsHandler: (request, response) => answerMetrics(readMetrics, request, response),
    metricsText: () => readMetrics('text'),
    stats,
  };
}

function stats(): NodeStats {
  const { spans, logs, metrics, console } = running.counts;
  return {
    policy: { ...running.policyLoads },
    spans: spans.stats(),
    logs: logs.stats(),
    metrics: metrics.stats(),
    console: console.stats(),
  };
}

/** For OTEL_SDK_DISABLED and for a failed start: everything can be called, nothing is sent. */
function idleSdk(reason: 'disabled' | 'not_started'): NodeSdk {
  running.noLogsBecause = reason;
  const readMetrics = (format: Format) => Promise.resolve(commentAs(format, 'telemetry is off'));
  return {
    flush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    metricsHandler: (request, response) => answerMetrics(readMetrics, request, response),
    metricsText: () => readMetrics('text'),
    stats,
  };
}

function createResource(config: ResolvedConfig): Resource {
  // Says that these spans are decided: a Collector that samples must not decide them again.
  const distribution = { 'telemetry.distro.name': '@unhinged/observability-node' };
  const own = defaultResource().merge(resourceFromAttributes({ ...distribution, ...config.resource }));
  if (text(process.env, 'OTEL_NODE_RESOURCE_DETECTORS') === undefined) return own;
  const { getResourceDetectors } = require('@opentelemetry/auto-instrumentations-node') as typeof Auto;
  return detectResources({ detectors: getResourceDetectors() }).merge(own);
}
