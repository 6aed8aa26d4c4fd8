import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
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
    child.stdout.on('close', () => {
      // A line that is not whole was still an acknowledgement, but we cannot know of what.
      resolve(Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1)));
    });
  });
}

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
