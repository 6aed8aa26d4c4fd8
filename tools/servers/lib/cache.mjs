// Programs that tests need, fetched once per machine: ~/.cache/unhinged/servers/<name>, or UNHINGED_CACHE.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const root = join(
  process.env.UNHINGED_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'unhinged'),
  'servers',
);
/** The longest build takes a quarter of an hour on a machine that has nothing else to do. */
const LOCK_LIMIT_MS = 60 * 60_000;

/**
 * The folder of `name`, which carries the version, filled by `fill(folder)` unless it is there already. Two runs at once
 * wait for each other; what a killed run left half done is thrown away.
 */
export async function cached(name, fill) {
  const folder = join(root, name);
  if (existsSync(folder)) return folder;
  mkdirSync(root, { recursive: true });
  const unlock = await lock(`${folder}.lock`);
  try {
    if (existsSync(folder)) return folder;
    const begun = Date.now();
    console.error(`▸ fetching ${name}, once on this machine`);
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial);
    await fill(partial);
    renameSync(partial, folder);
    console.error(`  ${name} is in ${folder} after ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    return folder;
  } catch (cause) {
    throw new Error(`${name} could not be fetched: ${cause.message}`, { cause });
  } finally {
    unlock();
  }
}

async function lock(file) {
  const deadline = Date.now() + LOCK_LIMIT_MS;
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isStale(file)) rmSync(file, { force: true });
    else if (Date.now() > deadline) throw new Error(`another run has held ${file} for an hour; remove it`);
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** True when the process that wrote the lock is gone. */
function isStale(file) {
  let pid;
  try {
    pid = Number(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
  // Empty between the creation of the file and the writing of the number.
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
