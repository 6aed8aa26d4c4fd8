import { constants } from 'node:fs';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** Makes the content of a file, or the entries of a folder, survive a power cut. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a file so that a reader, and a crash, finds all of it or none. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await sync(dirname(path));
}

/** Files below a folder, as paths relative to it; folders too, the deepest first, the folder itself as ''. */
export async function walk(root: string): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  async function visit(folder: string): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await visit(path);
      else files.push(relative(root, path));
    }
    folders.push(relative(root, folder));
  }
  await visit(root);
  return { files, folders };
}

/** Creates a folder below `root` with its parents, each of them durable. */
export async function makeFolder(root: string, path: string): Promise<void> {
  const created = await mkdir(join(root, path), { recursive: true });
  if (created === undefined) return;
  // A new folder is an entry of its parent, and that is what has to reach the disk.
  let folder = root;
  await sync(folder);
  for (const part of path.split(sep)) {
    folder = join(folder, part);
    await sync(folder);
  }
}
