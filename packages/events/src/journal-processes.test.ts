import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Journal } from './journal.js';

const program = fileURLToPath(new URL('../fixtures/append-for-ever.mjs', import.meta.url));

/** Runs the program until it acknowledged `acks` appends, kills it, and returns the last number that it acknowledged. */
function appendUntilKilled(dir: string, from: number, acks: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, dir, from.toString()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.split('\n').length > acks) child.kill('SIGKILL');
    });
    child.on('error', reject);
    // Not before it is gone: a process that is dying still owns the journal.
    child.on('close', () => {
      // A line that is not whole was still an acknowledgement, but we cannot know of what.
      resolve(Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1)));
    });
  });
}

/** Runs the program under a parent that never reaps it, and kills it: a zombie stays. Returns the way to get rid of the parent. */
async function leaveZombie(dir: string): Promise<() => void> {
  const script = '"$0" "$@" & exec sleep 600';
  const parent = spawn('sh', ['-c', script, process.execPath, program, dir, '0'], { stdio: 'pipe' });
  await once(parent.stdout, 'data');
  const { pid } = JSON.parse(readFileSync(join(dir, 'lock'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  return () => {
    parent.kill('SIGKILL');
  };
}

it('a write that fails half-way loses nothing acknowledged, and the journal goes on', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-full-'));
  try {
    // The kernel refuses bytes beyond 64 KiB of a file with EFBIG, in the middle of a write, like a full disk.
    const script = `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`;
    const full = fileURLToPath(new URL('../fixtures/append-until-full.mjs', import.meta.url));
    const { stdout } = spawnSync('bash', ['-c', script, process.execPath, full, dir], { encoding: 'utf8' });
    const { acknowledged, errors, read, dropped } = JSON.parse(stdout) as Record<string, unknown[]>;
    expect(acknowledged).toEqual(Array.from({ length: 22 }, (_, n) => n + 1));
    expect(errors).toEqual(Array.from({ length: 19 }, () => ['journal_write_failed', 'EFBIG']));
    expect(read).toEqual(acknowledged);
    expect(dropped).toEqual({ journal_write_failed: 19 });
    const journal = await Journal.open({ dir });
    expect(journal.stats()).toMatchObject({ lastSequence: 22, torn: 0 });
    expect(await journal.read({ from: 1 })).toHaveLength(22);
    await journal.close();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 60_000);

it('the lock of a killed process is free though nobody reaped it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-zombie-'));
  const endParent = await leaveZombie(dir);
  try {
    let journal: Journal | undefined;
    for (let left = 200; journal === undefined; left--) {
      journal = await Journal.open({ dir }).catch((error: unknown) => {
        if (left === 0) throw error;
        return undefined;
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(journal.lastSequence).toBeGreaterThan(0);
    await journal.close();
  } finally {
    endParent();
    rmSync(dir, { recursive: true, force: true });
  }
}, 60_000);

it('kill -9 in the middle of appends, 12 times: every acknowledged record is there once, in order', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'journal-kill-'));
  try {
    let acknowledged = -1;
    let expected: number[] = [];
    for (let kill = 0; kill < 12; kill++) {
      acknowledged = await appendUntilKilled(dir, (expected.at(-1) ?? -1) + 1, 5 + kill * 7);
      const journal = await Journal.open({ dir });
      const values: number[] = [];
      let last = 0;
      for (;;) {
        const records = await journal.read({ from: last + 1 });
        if (records.length === 0) break;
        for (const { sequence, payload } of records) {
          expect(sequence).toBeGreaterThan(last);
          last = sequence;
          values.push(Number(Buffer.from(payload).toString().split(':')[0]));
        }
      }
      await journal.close();
      // Nothing missing, nothing doubled, nothing out of order; what was written without an answer may be there.
      expect(values).toEqual(Array.from({ length: values.length }, (_, n) => n));
      expect(values.length - 1).toBeGreaterThanOrEqual(acknowledged);
      expected = values;
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 120_000);
