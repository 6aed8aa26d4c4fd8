import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ObservabilityError, uuidv7 } from '@unhinged/observability-core';

/**
 * One owner a folder: a file that names the owner's process by id, start time and boot, so that a lock left by `kill -9` or a power
 * cut is told from a living one even when the process id was given out again.
 *
 * @returns Gives the lock back.
 * @throws ObservabilityError `journal_locked`, naming the process that holds it.
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  const own = JSON.stringify({ ...(await identify(process.pid)), token: uuidv7() });
  const draft = join(dir, `lock.${process.pid}.${uuidv7()}`);
  await writeFile(draft, own);
  try {
    for (;;) {
      // A link, unlike a write, puts the whole content there at once or fails.
      const taken = await link(draft, path).then(
        () => false,
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') return true;
          throw error;
        },
      );
      if (!taken) break;
      const holder = await readFile(path, 'utf8').catch(() => undefined);
      if (holder === undefined) continue;
      await refuseIfAlive(dir, holder);
      await moveAway(path, holder, `${draft}.stale`);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return async () => {
    const holder = await readFile(path, 'utf8').catch(() => undefined);
    if (holder === own) await rm(path, { force: true });
  };
}

interface Identity {
  pid: number;
  /** Start time in clock ticks since boot, where the system tells. */
  started?: string;
  boot?: string;
}

async function identify(pid: number): Promise<Identity> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // Field 22 of proc(5); the second field, the command, may itself hold spaces and parentheses.
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => undefined);
  return { pid, ...(started && { started }), ...(boot && { boot: boot.trim() }) };
}

async function refuseIfAlive(dir: string, holder: string): Promise<void> {
  const pid = await livingOwner(holder);
  if (pid === undefined) return;
  throw new ObservabilityError(
    'journal_locked',
    `The journal in ${dir} is in use by process ${pid}. Stop that process, or use another folder.`,
  );
}

/** Process that has a journal's folder; undefined when nobody has. */
export async function ownerOf(dir: string): Promise<number | undefined> {
  const holder = await readFile(join(dir, 'lock'), 'utf8').catch(() => undefined);
  return holder === undefined ? undefined : livingOwner(holder);
}

async function livingOwner(holder: string): Promise<number | undefined> {
  let lock: Identity;
  try {
    lock = JSON.parse(holder) as Identity;
  } catch {
    return undefined; // Not ours, or never finished: nobody holds it.
  }
  if (!(await isRunning(lock.pid))) return undefined;
  const now = await identify(lock.pid);
  return lock.boot === now.boot && lock.started === now.started ? lock.pid : undefined;
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // Killed, but its parent never asked how it ended, as pid 1 of many containers: it keeps its id and can write nothing any more,
  // once its other threads are gone too.
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (status?.slice(status.lastIndexOf(')') + 2).startsWith('Z') !== true) return true;
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  return threads.length > 1;
}

/** Two that find the same dead lock must not both remove it: the second would remove the first one's new lock. */
async function moveAway(path: string, holder: string, aside: string): Promise<void> {
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => undefined);
  if (moved !== undefined && moved !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
