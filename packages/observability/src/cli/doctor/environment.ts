import { parseLevelFlags } from '@unhinged/observability-core';
import { messageOf } from '../failure.js';
import type { Finding } from './finding.js';

const NODE = [20, 19, 0] as const;
const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'];

export function checkNode(version: string): Finding {
  const parts = version.split('.').map(Number);
  const different = NODE.findIndex((wanted, index) => wanted !== parts[index]);
  const isOld = different !== -1 && (parts[different] ?? 0) < (NODE[different] ?? 0);
  const wanted = NODE.join('.');
  return isOld
    ? {
        check: 'node',
        status: 'fail',
        message: `Node ${version} is too old.`,
        fix: `Install Node ${wanted} or newer.`,
      }
    : { check: 'node', status: 'ok', message: `Node ${version}` };
}

/** `LOG_FLAGS` and the `OTEL_*` variables that our SDKs, or those of OpenTelemetry, read. */
export function checkEnvironment(env: NodeJS.ProcessEnv): Finding[] {
  return [logFlags(env), ...endpoints(env), ...protocols(env), resource(env), ...switches(env)].filter(
    (finding) => finding !== undefined,
  );
}

function logFlags({ LOG_FLAGS: flags }: NodeJS.ProcessEnv): Finding | undefined {
  if (flags === undefined || flags === '') return undefined;
  try {
    parseLevelFlags(flags);
    return { check: 'LOG_FLAGS', status: 'ok', message: `LOG_FLAGS=${flags}` };
  } catch (error) {
    return {
      check: 'LOG_FLAGS',
      status: 'fail',
      message: `LOG_FLAGS=${flags}: ${messageOf(error)}`,
      fix: 'Write letters (CDL), octal (7), a change (+D) or one per level (debug=C,error=CDL).',
    };
  }
}

const SIGNALS = ['', 'TRACES_', 'METRICS_', 'LOGS_'];

function endpoints(env: NodeJS.ProcessEnv): (Finding | undefined)[] {
  return SIGNALS.map((signal) => {
    const name = `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`;
    const value = env[name];
    if (value === undefined || value === '') return undefined;
    if (!/^https?:\/\//.test(value) || !URL.canParse(value)) {
      return {
        check: name,
        status: 'fail',
        message: `${name}=${value} is not an address.`,
        fix: 'Write http://localhost:4317 for gRPC or http://localhost:4318 for HTTP.',
      };
    }
    const { port } = new URL(value);
    const protocol = env[`OTEL_EXPORTER_OTLP_${signal}PROTOCOL`] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
    const other =
      port === '4317' && protocol?.startsWith('http')
        ? '4318'
        : port === '4318' && protocol === 'grpc'
          ? '4317'
          : '';
    if (other === '') return { check: name, status: 'ok', message: `${name}=${value}` };
    return {
      check: name,
      status: 'fail',
      message: `${name}=${value}, but the protocol is ${String(protocol)} and port ${port} speaks the other one.`,
      fix: `Use port ${other}, or change the protocol.`,
    };
  });
}

function protocols(env: NodeJS.ProcessEnv): (Finding | undefined)[] {
  return SIGNALS.map((signal) => {
    const name = `OTEL_EXPORTER_OTLP_${signal}PROTOCOL`;
    const value = env[name];
    if (value === undefined || value === '') return undefined;
    if (PROTOCOLS.includes(value)) return { check: name, status: 'ok', message: `${name}=${value}` };
    return {
      check: name,
      status: 'fail',
      message: `${name}=${value} is not a protocol.`,
      fix: `Use one of ${PROTOCOLS.join(', ')}.`,
    };
  });
}

function resource({ OTEL_RESOURCE_ATTRIBUTES: attributes }: NodeJS.ProcessEnv): Finding | undefined {
  if (attributes === undefined || attributes === '') return undefined;
  const check = 'OTEL_RESOURCE_ATTRIBUTES';
  const bad = attributes.split(',').find((pair) => !/^\s*[^=\s]+\s*=/.test(pair) || !isPercentEncoded(pair));
  if (bad === undefined) return { check, status: 'ok', message: `${check}=${attributes}` };
  return {
    check,
    status: 'fail',
    message: `${check}: "${bad}" is not key=value.`,
    fix: 'Write key=value,key=value and percent-encode commas, equals signs and percent signs in values.',
  };
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function switches(env: NodeJS.ProcessEnv): (Finding | undefined)[] {
  const disabled = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true';
  return [
    disabled
      ? {
          check: 'OTEL_SDK_DISABLED',
          status: 'warn',
          message: 'OTEL_SDK_DISABLED=true: nothing is sent from this environment.',
          fix: 'Unset it to send telemetry.',
        }
      : undefined,
    ...['TRACES', 'METRICS', 'LOGS'].map((signal): Finding | undefined => {
      const name = `OTEL_${signal}_EXPORTER`;
      return env[name] === 'none'
        ? {
            check: name,
            status: 'warn',
            message: `${name}=none: ${signal.toLowerCase()} are not sent.`,
            fix: 'Unset it to send them.',
          }
        : undefined;
    }),
  ];
}
