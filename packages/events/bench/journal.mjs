// Durable appends of 1 KiB records, beside the plain way: appendFile and fdatasync of the same groups.
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { Journal } from '@unhinged/events/journal';

const RECORDS = 200_000;
const GROUP = 500;
const record = Buffer.alloc(1024, 7);
const group = Array.from({ length: GROUP }, () => record);

/** Appends all records, four groups under way at a time. */
async function fill(append) {
  let left = RECORDS / GROUP;
  const lane = async () => {
    while (left-- > 0) await append();
  };
  const begun = performance.now();
  await Promise.all([lane(), lane(), lane(), lane()]);
  return RECORDS / ((performance.now() - begun) / 1000);
}

/** @returns {Promise<object[]>} figures */
export async function measure() {
  const dir = mkdtempSync(join(tmpdir(), 'journal-bench-'));
  try {
    const journal = await Journal.open({ dir: join(dir, 'journal'), capBytes: 2 ** 30 });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const value = await fill(() => journal.append(group));
    delay.disable();
    await journal.close();

    const file = await open(join(dir, 'plain'), 'a');
    const whole = Buffer.concat(group);
    let turn = Promise.resolve();
    const peerValue = await fill(
      () => (turn = turn.then(() => file.write(whole)).then(() => file.datasync())),
    );
    await file.close();
    const p99 = delay.percentile(99) / 1e6;
    const peer = 'appendFile + fdatasync of the same groups, no checksums';
    return [
      {
        name: 'journal.records_per_second',
        value,
        unit: '1-KiB records/s, durable',
        peer,
        peerValue,
        ratio: value / peerValue,
        goal: '>= 80000',
        met: value >= 80_000,
      },
      { name: 'journal.event_loop_p99', value: p99, unit: 'ms', goal: '<= 15', met: p99 <= 15 },
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
