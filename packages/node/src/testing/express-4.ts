import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/**
 * The Express fixtures on Express 4, which is installed under another name: instrumentations go by the name of a package's folder, so
 * it gets a folder called `express`, beside the alias, where it finds what it depends on.
 */
export function express4Apps(): { fixtures: { esm: string; cjs: string }; remove: () => void } {
  const alias = dirname(createRequire(import.meta.url).resolve('express4/package.json'));
  const folder = mkdtempSync(join(dirname(alias), '.express4-'));
  mkdirSync(join(folder, 'node_modules'));
  cpSync(alias, join(folder, 'node_modules', 'express'), { recursive: true });
  cpSync(join(FIXTURES, 'esm-express', 'app.js'), join(folder, 'app.mjs'));
  cpSync(join(FIXTURES, 'cjs-express', 'app.cjs'), join(folder, 'app.cjs'));
  return {
    fixtures: {
      esm: relative(FIXTURES, join(folder, 'app.mjs')),
      cjs: relative(FIXTURES, join(folder, 'app.cjs')),
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
