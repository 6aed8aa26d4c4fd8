import {
  defaultPolicy,
  ObservabilityError,
  parsePolicy,
  type SamplingPolicy,
} from '@unhinged/observability-core';
import { list, text, type Env, type Report } from '../config/read-env.js';

/** Where the sampling policy of this process comes from. */
export type PolicyChoice =
  | { kind: 'nothing' }
  | { kind: 'file'; path: string; until: SamplingPolicy }
  | { kind: 'given'; policy: SamplingPolicy };

const LOCAL = ['development', 'test'];

/**
 * The option `policy` over `UNHINGED_POLICY` over `OTEL_TRACES_SAMPLER` over the default: everything is kept in development and test,
 * where a developer wants to see each request; elsewhere the table by service type. Never throws.
 */
export function choosePolicy(option: unknown, env: Env, environment: string, report: Report): PolicyChoice {
  const byDefault = LOCAL.includes(environment) ? withBase(1) : defaultPolicy.sampling;
  const path =
    typeof option === 'string' ? option : option === undefined ? text(env, 'UNHINGED_POLICY') : undefined;
  const sampler = text(env, 'OTEL_TRACES_SAMPLER');
  if (path !== undefined || option !== undefined) {
    const where = option === undefined ? 'UNHINGED_POLICY' : "the option 'policy'";
    if (sampler !== undefined) report(`OTEL_TRACES_SAMPLER=${sampler} has no effect: ${where} is given`);
    if (path !== undefined) return { kind: 'file', path, until: byDefault };
    try {
      return { kind: 'given', policy: parsePolicy(option).sampling };
    } catch (error) {
      const why = error instanceof ObservabilityError ? error.message : String(error);
      report(`option 'policy' is ignored: ${why}`);
      return { kind: 'given', policy: byDefault };
    }
  }
  return sampler === undefined
    ? { kind: 'given', policy: byDefault }
    : bySampler(sampler, env, byDefault, report);
}

/**
 * What the samplers of the specification become here, where the decision is taken at the end of a segment. Errors are kept besides the
 * ratio. The parent's flag is not followed: consistent thresholds keep the same traces in every tier without it.
 */
function bySampler(sampler: string, env: Env, byDefault: SamplingPolicy, report: Report): PolicyChoice {
  switch (sampler) {
    case 'always_off':
      return { kind: 'nothing' };
    case 'always_on':
    case 'parentbased_always_on':
      return { kind: 'given', policy: withBase(1) };
    case 'parentbased_always_off':
      return { kind: 'given', policy: withBase(0) };
    case 'traceidratio':
    case 'parentbased_traceidratio':
      return { kind: 'given', policy: withBase(ratio(env, report)) };
    default:
      report(
        `OTEL_TRACES_SAMPLER must be one of always_on, always_off, traceidratio or one of these after parentbased_, got '${sampler}'; ignored`,
      );
      return { kind: 'given', policy: byDefault };
  }
}

function ratio(env: Env, report: Report): number {
  const [given] = list(env, 'OTEL_TRACES_SAMPLER_ARG');
  if (given === undefined) return 1;
  const value = Number(given);
  if (value >= 0 && value <= 1) return value;
  report(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, got '${given}'; 1 is taken`);
  return 1;
}

/** One rate for all, whatever the type of service and the class of operation. */
function withBase(rate: number): SamplingPolicy {
  const rows = Object.entries(defaultPolicy.sampling.table).map(([row, { operations }]) => {
    const same = Object.fromEntries(Object.keys(operations).map((name) => [name, rate]));
    return [row, { rate, operations: same }];
  });
  return parsePolicy({ version: 1, sampling: { table: Object.fromEntries(rows) as object } }).sampling;
}
