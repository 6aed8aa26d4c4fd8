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

/** Four journals at the same time, so that starting processes is not all that it takes. */
const LANES = 4;
const KILLS = 200;

it(`kill -9 in the middle of appends, ${KILLS} times: 0 acknowledged lost, at most one torn record each, in order`, async () => {
  const lane = async (): Promise<void> => {
    const dir = mkdtempSync(join(tmpdir(), 'journal-kill-'));
    try {
      let expected: number[] = [];
      for (let kill = 0; kill < KILLS / LANES; kill++) {
        const acknowledged = await appendUntilKilled(dir, (expected.at(-1) ?? -1) + 1, 2 + ((kill * 7) % 40));
        const journal = await Journal.open({ dir });
        const values: number[] = [];
        let last = 0;
        for (;;) {
          const records = await journal.read({ from: last + 1 });
          if (records.length === 0) break;
          for (const { sequence, payload } of records) {
            if (sequence <= last) throw new Error(`sequence ${sequence} after ${last}`);
            last = sequence;
            values.push(Number(Buffer.from(payload).toString().split(':')[0]));
          }
        }
        const { torn, corrupt } = journal.stats();
        await journal.close();
        expect(torn).toBeLessThanOrEqual(1);
        expect(corrupt).toBe(0);
        // Nothing missing, nothing doubled, nothing out of order; what was written without an answer may be there.
        expect(values).toEqual(Array.from({ length: values.length }, (_, n) => n));
        expect(values.length - 1).toBeGreaterThanOrEqual(acknowledged);
        expected = values;
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}, 600_000);

/** Runs a program with a tmpfs of 2 MiB mounted at a folder, in a namespace of its own. */
const onSmallDisk = (dir: string, program: string, ...args: string[]) =>
  spawnSync(
    'unshare',
    [
      '-rm',
      'sh',
      '-c',
      'mount -t tmpfs -o size=2m none "$0" && exec "$@"',
      dir,
      process.execPath,
      program,
      dir,
      ...args,
    ],
    { encoding: 'utf8' },
  );
const mayMount = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;

(mayMount ? describe : describe.skip)('a disk of 2 MiB that is full', () => {
  const program = fileURLToPath(new URL('../fixtures/fill-the-disk.mjs', import.meta.url));
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'journal-disk-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  interface Outcome {
    acknowledged: number[];
    refused: Record<string, number>;
    waitedMs: number;
    readBefore: number[];
    readAfter: number[];
    dropped: Record<string, number>;
  }
  const run = (onFull: string, segmentBytes: number): Outcome => {
    const { stdout, stderr, status } = onSmallDisk(dir, program, onFull, String(segmentBytes));
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Outcome;
  };

  it.each([64 * 1024, 16 * 1024 * 1024])(
    'block (segments of %d bytes): appends wait, are refused and counted, nothing acknowledged is lost, and it drains without new space',
    (segmentBytes) => {
      const { acknowledged, refused, waitedMs, readBefore, readAfter, dropped } = run('block', segmentBytes);
      expect(refused).toEqual({ journal_write_failed: 3 });
      expect(waitedMs).toBeGreaterThanOrEqual(290);
      expect(dropped).toEqual(refused);
      const before = acknowledged.slice(0, readBefore.length);
      expect(readBefore).toEqual(before);
      expect(before.length).toBeGreaterThan(150);
      // As much again fits once it is consumed.
      expect(readAfter).toEqual(acknowledged.slice(readBefore.length));
      expect(readAfter).toHaveLength(100);
    },
  );

  it('drop-oldest: appends go on, the oldest records go and are counted', () => {
    const { acknowledged, refused, readBefore, dropped } = run('drop-oldest', 64 * 1024);
    expect(refused).toEqual({});
    expect(acknowledged).toHaveLength(400);
    expect(readBefore).toEqual(acknowledged.slice(-readBefore.length));
    expect(readBefore.length).toBeGreaterThan(150);
    expect(dropped).toEqual({ 'dropped_oldest:reader': 400 - readBefore.length });
  });
});
