import { list, text, type Env, type Report } from './read-env.js';
import { resolveLimits, type Limits } from './limits.js';

const PROPAGATOR_NAMES = ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger'] as const;
export type PropagatorName = (typeof PROPAGATOR_NAMES)[number];

const DIAGNOSTICS = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'] as const;

/** What the OpenTelemetry SDK itself is told, apart from the pipelines. */
export interface SdkSettings {
  propagators: readonly PropagatorName[];
  limits: Limits;
  /** Undefined: it says nothing. */
  diagnostics: (typeof DIAGNOSTICS)[number] | undefined;
  /** Histograms of requests have exemplars. */
  exemplars: boolean;
}

/** `OTEL_PROPAGATORS`, `OTEL_LOG_LEVEL`, the limits, `OTEL_METRICS_EXEMPLAR_FILTER`. */
export function resolveSdkSettings(env: Env, report: Report): SdkSettings {
  const level = text(env, 'OTEL_LOG_LEVEL')?.toLowerCase();
  const diagnostics = DIAGNOSTICS.find((each) => each === level);
  if (level !== undefined && diagnostics === undefined)
    report(`OTEL_LOG_LEVEL must be one of ${DIAGNOSTICS.join(', ')}, got '${level}'; ignored`);
  return {
    propagators: resolvePropagators(env, report),
    limits: resolveLimits(env, report),
    diagnostics,
    exemplars: resolveExemplars(env, report),
  };
}

function resolveExemplars(env: Env, report: Report): boolean {
  const filter = text(env, 'OTEL_METRICS_EXEMPLAR_FILTER');
  if (filter === 'always_on')
    report(
      'OTEL_METRICS_EXEMPLAR_FILTER=always_on is trace_based here: exemplars are of spans that are kept',
    );
  else if (filter !== undefined && filter !== 'trace_based' && filter !== 'always_off')
    report(
      `OTEL_METRICS_EXEMPLAR_FILTER must be trace_based, always_on or always_off, got '${filter}'; ignored`,
    );
  return filter !== 'always_off';
}

function resolvePropagators(env: Env, report: Report): PropagatorName[] {
  const named = new Set(list(env, 'OTEL_PROPAGATORS'));
  if (named.has('none')) return [];
  const known = PROPAGATOR_NAMES.filter((name) => named.has(name));
  for (const bad of named) {
    if (!(PROPAGATOR_NAMES as readonly string[]).includes(bad))
      report(`OTEL_PROPAGATORS may name ${PROPAGATOR_NAMES.join(', ')} or none, got '${bad}'; ignored`);
  }
  return known.length > 0 ? known : ['tracecontext', 'baggage'];
}
