// load/, a Go program on the libraries of Compose and Kustomize.
import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached } from '../servers/lib/cache.mjs';
import { goBuild } from '../servers/lib/go.mjs';

const source = fileURLToPath(new URL('load/', import.meta.url));

/** The program's path. */
export async function installLoader() {
  const hash = createHash('sha256');
  for (const file of ['main.go', 'go.sum']) hash.update(readFileSync(join(source, file)));
  const folder = await cached(`load-${hash.digest('hex').slice(0, 8)}`, async (partial) => {
    const work = join(partial, 'source');
    cpSync(source, work, { recursive: true });
    await goBuild(work, '.', { output: join(partial, 'load') });
  });
  return join(folder, 'load');
}
