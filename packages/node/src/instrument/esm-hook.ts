import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

let registered = false;

/**
 * Lets the instrumentations patch modules that are imported from now on, as they already do for `require`. Only the modules
 * they know are wrapped: wrapping everything slows every import and is the usual cause of trouble with this hook.
 */
export function registerEsmHook(modules: readonly string[]): void {
  if (registered || modules.length === 0) return;
  registered = true;
  // The very copy that @opentelemetry/instrumentation talks to, wherever npm has put it.
  const require = createRequire(import.meta.url);
  const near = createRequire(require.resolve('@opentelemetry/instrumentation'));
  const hook = pathToFileURL(near.resolve('import-in-the-middle/hook.mjs'));
  register(hook, { data: { include: [...new Set(modules)] } });
}
