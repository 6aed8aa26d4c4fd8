// The budgets of issue 5, and what counts against them. The test of the same name holds them.
import { sizeOf } from './bundle.mjs';
import { OURS } from './pages/index.mjs';

const define = { __OTLP__: '"http://localhost:4318"' };

/** `total` counts the chunks that are loaded later too. */
export const BUDGETS = {
  everything: { title: 'everything but React, lazy parts included', of: 'total', bytes: 36 * 1024 },
  core: { title: 'traces, logs, errors, session, delivery', of: 'total', bytes: 28 * 1024 },
  react: { title: '/react on top of everything', of: 'added', bytes: 2 * 1024 },
  loggerOnly: { title: 'a page that only imports createLogger', of: 'total', bytes: 11 * 1024 },
  nothing: { title: 'an import that is not used', of: 'total', bytes: 100 },
};

/** Sizes of our pages by name; `source` takes the sources instead of the builds. */
export async function ownSizes(options = {}) {
  const sizes = {};
  for (const [name, code] of Object.entries(OURS)) sizes[name] = await sizeOf(code, { define, ...options });
  const react = `${OURS.everything} import * as react from '@unhinged/observability-web/react'; globalThis.react = react;`;
  const { total } = await sizeOf(react, { define, external: ['react'], ...options });
  sizes.react = { added: total - sizes.everything.total };
  return sizes;
}
