import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Makes a folder, and those above it, so that they are still there after a power cut. */
export async function makeFolder(dir: string): Promise<void> {
  const made = await mkdir(dir, { recursive: true });
  if (made === undefined) return;
  const highest = resolve(made);
  for (let at = resolve(dir); ; at = dirname(at)) {
    await syncFolder(dirname(at));
    if (at === highest || at === dirname(at)) return;
  }
}

/** Makes a name in a folder durable. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
