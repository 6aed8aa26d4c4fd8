// Processes that outlive the command that started them, known by a file with their id.
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts a program in a process group of its own, its output appended to `log`, and resolves when `isReady(output)` says so.
 * `record` then holds its id. Rejects with the end of the log when the program ends before or is not ready in time.
 */
export async function startDetached({ program, args, cwd, env, isReady, log, record, limitMs = 180_000 }) {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'a');
  // Of an earlier run; its "ready" is not ours.
  const from = statSync(log).size;
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  let failure;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, signal) => (failure ??= `it ended (${signal ?? code})`));
  if (child.pid !== undefined) {
    writeFileSync(record, JSON.stringify({ pid: child.pid, born: bornAt(child.pid) }));
  }
  const said = () => readFileSync(log).subarray(from).toString();
  const deadline = Date.now() + limitMs;
  while (failure === undefined && Date.now() < deadline) {
    if (await isReady(said())) {
      child.unref();
      return child.pid;
    }
    await sleep(100);
  }
  await stop(record);
  throw new Error(
    `${program} did not start: ${failure ?? `not ready after ${limitMs / 1000} s`}; the end of ${log}:\n${said().slice(-3_000)}`,
  );
}

/** The process id that a record names, or undefined when that process is gone. */
export function pidOf(record) {
  if (!existsSync(record)) return undefined;
  const { pid, born } = JSON.parse(readFileSync(record, 'utf8'));
  // An id is used again some day; the time of birth tells.
  return isAlive(pid) && bornAt(pid) === born ? pid : undefined;
}

/** Sends the signal and waits until the process is gone; after `patienceMs` it is killed. False when it was not running. */
export async function stop(record, { signal = 'SIGTERM', patienceMs = 20_000 } = {}) {
  const pid = pidOf(record);
  if (pid !== undefined) {
    process.kill(pid, signal);
    const deadline = Date.now() + patienceMs;
    while (pidOf(record) !== undefined) {
      if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
      await sleep(50);
    }
  }
  rmSync(record, { force: true });
  return pid !== undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Start time in ticks since boot, from /proc; undefined when the process is gone or a zombie, null on systems without /proc. */
function bornAt(pid) {
  if (!existsSync('/proc/self/stat')) return null;
  try {
    // The name, in parentheses, may contain spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // Field 20: a process that was killed keeps its ports until the last of its threads has ended, also when the first is a zombie.
    const isOver = fields[0] === 'Z' && Number(fields[17]) <= 1;
    return isOver ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
