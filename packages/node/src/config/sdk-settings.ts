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
}

/** `OTEL_PROPAGATORS`, `OTEL_LOG_LEVEL`, the limits; and a word about the variables that have no effect here. */
export function resolveSdkSettings(env: Env, report: Report): SdkSettings {
  const level = text(env, 'OTEL_LOG_LEVEL')?.toLowerCase();
  const diagnostics = DIAGNOSTICS.find((each) => each === level);
  if (level !== undefined && diagnostics === undefined)
    report(`OTEL_LOG_LEVEL must be one of ${DIAGNOSTICS.join(', ')}, got '${level}'; ignored`);
  const filter = text(env, 'OTEL_METRICS_EXEMPLAR_FILTER');
  if (filter !== undefined && filter !== 'always_off')
    report(
      `OTEL_METRICS_EXEMPLAR_FILTER=${filter} has no effect: OpenTelemetry for JavaScript records no exemplars`,
    );
  return { propagators: resolvePropagators(env, report), limits: resolveLimits(env, report), diagnostics };
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
