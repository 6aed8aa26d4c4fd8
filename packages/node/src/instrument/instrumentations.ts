import { createRequire } from 'node:module';
import type { IncomingMessage } from 'node:http';
import type * as Auto from '@opentelemetry/auto-instrumentations-node';
import type { InstrumentationConfigMap } from '@opentelemetry/auto-instrumentations-node';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { ResolvedConfig } from '../config/resolve.js';

const require = createRequire(import.meta.url);

/** The auto-instrumentations with our defaults under the user's configuration. Each one patches when its module is loaded. */
export function createInstrumentations(
  config: InstrumentationConfigMap,
  ignorePaths: ResolvedConfig['ignorePaths'],
  env: Readonly<Record<string, string | undefined>>,
): Instrumentation[] {
  const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node') as typeof Auto;
  const merged: Record<string, object> = {
    '@opentelemetry/instrumentation-http': {
      ignoreIncomingRequestHook: (request: IncomingMessage) => ignorePaths.has(pathOf(request.url)),
    },
    // One span per middleware of every request costs more than it tells.
    '@opentelemetry/instrumentation-express': { ignoreLayersType: ['middleware', 'router'] },
  };
  // An explicit list in the environment is the user's own choice of all of them.
  if (env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] === undefined) {
    for (const name of OFF_BY_DEFAULT) merged[name] = { enabled: false };
  }
  for (const [name, own] of Object.entries(config)) merged[name] = { ...merged[name], ...own };
  return getNodeAutoInstrumentations(merged);
}

const OFF_BY_DEFAULT = [
  '@opentelemetry/instrumentation-dns',
  '@opentelemetry/instrumentation-fs',
  '@opentelemetry/instrumentation-net',
  // Express 5 is built on the package `router`: with both on, every layer has two spans.
  '@opentelemetry/instrumentation-router',
] as const;

function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? '';
}
