// Debian packages without installing them and without root: apt-get download, dpkg -x.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { cached } from './cache.mjs';

/** Folder with the packages' files (`usr/bin/…`), from the cache or fetched now. */
export function debianFiles(name, packages) {
  return cached(name, (folder) => {
    const downloads = join(folder, 'deb');
    mkdirSync(downloads);
    try {
      command('apt-get', ['download', ...packages], downloads);
    } catch {
      // The package lists are absent or old: security updates replace what they name.
      command('apt-get', ['update', '-qq'], downloads);
      command('apt-get', ['download', ...packages], downloads);
    }
    for (const file of readdirSync(downloads)) command('dpkg', ['-x', join(downloads, file), folder], folder);
  });
}

/** For LD_LIBRARY_PATH, so that the packages find each other. */
export function debianLibraries(folder) {
  const lib = join(folder, 'usr/lib');
  return readdirSync(lib)
    .filter((each) => each.endsWith('-linux-gnu'))
    .map((each) => join(lib, each))
    .join(':');
}

/** First of `candidates` (absolute, or a name on PATH) that exists, or undefined. */
export function findProgram(name, folders = []) {
  const path = (process.env.PATH ?? '').split(':').filter((each) => each !== '');
  return [...folders, ...path].map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function command(program, args, cwd) {
  const { status, error, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (error) throw new Error(`${program} is needed (${error.message})`);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim().slice(-500)}`);
}
