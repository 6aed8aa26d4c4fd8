import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Instrumentation } from '@opentelemetry/instrumentation';

let registered = false;

/**
 * Lets the instrumentations patch modules that are imported from now on, as they already do for `require`. Only the modules
 * they know are wrapped: wrapping everything slows every import and is the usual cause of trouble with this hook.
 */
export function registerEsmHook(instrumentations: readonly Instrumentation[]): void {
  if (registered) return;
  registered = true;
  // The very copy that @opentelemetry/instrumentation talks to, wherever npm has put it.
  const require = createRequire(import.meta.url);
  const near = createRequire(require.resolve('@opentelemetry/instrumentation'));
  const hook = pathToFileURL(near.resolve('import-in-the-middle/hook.mjs'));
  const include = [...new Set(instrumentations.flatMap(patchedModules))];
  register(hook, { data: { include } });
}

/** Names an instrumentation patches; there is no public way to ask, the field has been there since its first release. */
function patchedModules(instrumentation: Instrumentation): string[] {
  const { _modules } = instrumentation as unknown as { _modules?: readonly { name: string }[] };
  return (_modules ?? []).map((module) => module.name);
}
