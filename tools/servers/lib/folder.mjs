import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder for a server's data: `dir`, which stays, or a fresh one that `remove` takes away. */
export function dataFolder(name, dir) {
  if (dir !== undefined) {
    mkdirSync(dir, { recursive: true });
    return { path: dir, remove: () => undefined };
  }
  const path = mkdtempSync(join(tmpdir(), `unhinged-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A file of docker/: what the servers run with here is what is deployed. */
export const docker = (path) => fileURLToPath(new URL(`../../../docker/${path}`, import.meta.url));
