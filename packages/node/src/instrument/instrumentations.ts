import { createRequire, isBuiltin } from 'node:module';
import { metrics, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import type { IncomingMessage } from 'node:http';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Env, Report } from '../config/read-env.js';
import type { ResolvedConfig } from '../config/resolve.js';
import { CATALOGUE, PACKAGE_PREFIX } from './catalogue.js';
import { chooseInstrumentations, type InstrumentationConfigs } from './choose.js';
import { registerEsmHook } from './esm-hook.js';
import { instrumentFastify } from './fastify.js';
import { WsInstrumentation } from '../websocket/ws-instrumentation.js';
import { onFirstLoad, type ImportedModule } from './on-first-load.js';

// Where the auto-instrumentations, which pin each instrumentation, have theirs.
const require = createRequire(
  createRequire(import.meta.url).resolve('@opentelemetry/auto-instrumentations-node'),
);

type InstrumentationClass = new (config: object) => Instrumentation;

export interface Instrumented {
  /** Keys of the catalogue that run, or wait for their package. */
  readonly chosen: readonly string[];
  /** Those of Node itself: http, undici (fetch), the runtime's metrics. */
  readonly loaded: readonly Instrumentation[];
  /** Gives those that are loaded the providers that are global now. */
  useGlobalProviders(): void;
  /** Nothing more is patched; what is patched stays and has nobody to report to. */
  stop(): void;
}

/**
 * Starts the auto-instrumentations with our defaults under the user's configuration. The ones for packages wait until such a package is
 * loaded, so that one that is not used costs nothing.
 */
export function startInstrumentations(
  config: InstrumentationConfigs,
  ignorePaths: ResolvedConfig['ignorePaths'],
  env: Env,
  report: Report,
): Instrumented {
  const chosen = chooseInstrumentations(config, env, report);
  const loaded: Instrumentation[] = [];
  const load = (key: string): Instrumentation | undefined => {
    const name = PACKAGE_PREFIX + key;
    try {
      const { className } = CATALOGUE[key] ?? { className: '' };
      const Instrumentation =
        className === null
          ? WsInstrumentation
          : (require(name) as Record<string, InstrumentationClass | undefined>)[className];
      if (Instrumentation === undefined) throw new Error(`it does not export ${className ?? ''}`);
      const made = new Instrumentation({ ...ownDefaults(key, ignorePaths), ...config[name] });
      loaded.push(made);
      return made;
    } catch (error) {
      report(`${name} could not be loaded, so it patches nothing: ${String(error)}`);
      return undefined;
    }
  };

  const waiting = new Map<string, string>();
  for (const key of chosen) {
    const patches = CATALOGUE[key]?.patches ?? [];
    if (patches.every((name) => isBuiltin(name))) load(key);
    else for (const name of patches) waiting.set(name, key);
  }
  // The first one made hooks `require`, which must not happen within a require.
  const [first] = waiting.values();
  if (loaded.length === 0 && first !== undefined) {
    load(first);
    forget(waiting, first);
  }

  registerEsmHook(chosen.flatMap((key) => CATALOGUE[key]?.patches ?? []));
  const stopWaiting = onFirstLoad((name, imported) => {
    const key = waiting.get(name);
    if (key === undefined) return;
    forget(waiting, key);
    const made = load(key);
    if (made !== undefined && imported !== undefined) handOver(made, imported);
  });
  const stopFastify = instrumentFastify();
  return {
    chosen,
    loaded,
    useGlobalProviders: () => {
      for (const each of loaded) {
        each.setTracerProvider(trace.getTracerProvider());
        each.setMeterProvider(metrics.getMeterProvider());
        each.setLoggerProvider?.(logs.getLoggerProvider());
      }
    },
    stop: () => {
      waiting.clear();
      stopWaiting();
      stopFastify();
    },
  };
}

function ownDefaults(key: string, ignorePaths: ResolvedConfig['ignorePaths']): object {
  switch (key) {
    case 'http':
      return {
        ignoreIncomingRequestHook: (request: IncomingMessage) =>
          ignorePaths.has(pathOf(request.url)) || isPreflight(request),
      };
    case 'express':
      // One span per middleware of every request costs more than it tells.
      return { ignoreLayersType: ['middleware', 'router'] };
    default:
      return {};
  }
}

function forget(waiting: Map<string, string>, key: string): void {
  for (const [name, its] of waiting) if (its === key) waiting.delete(name);
}

/**
 * An ES module is handed to the hooks that were there when it was imported, not to those made just now. There is no public way to
 * call them; a package that is CommonJS, as nearly all are, does not come here.
 */
function handOver(instrumentation: Instrumentation, imported: ImportedModule): void {
  const { _hooks } = instrumentation as unknown as {
    _hooks?: readonly { _iitmHook?: (...imported: ImportedModule) => void }[];
  };
  for (const hook of _hooks ?? []) hook._iitmHook?.(...imported);
}

/** A browser asks whether it may ask: no part of any trace, since browsers send no `traceparent` with it, and no request of anybody. */
function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? '';
}
