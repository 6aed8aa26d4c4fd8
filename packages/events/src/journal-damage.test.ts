import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { RECORD_BYTES, writeRecord } from './journal/format.js';
import { Journal, type JournalOptions } from './journal.js';
import { contents, fill, segmentsOf, text } from './testing/journal-contents.js';

describe('a damaged journal', () => {
  let dir = '';
  const open = (options: Partial<JournalOptions> = {}): Promise<Journal> => Journal.open({ dir, ...options });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'journal-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('cuts off a torn tail and does not give its numbers out again', async () => {
    let journal = await open();
    await fill(journal, 10, 20);
    await journal.close();
    const file = join(dir, segmentsOf(dir)[0] ?? '');
    truncateSync(file, readFileSync(file).length - 3);
    journal = await open();
    expect(journal.stats().torn).toBe(1);
    expect((await contents(journal)).length).toBe(9);
    const { first } = await journal.append([text('after')]);
    expect(first).toBeGreaterThan(10);
    expect((await contents(journal)).at(-1)).toEqual([first, 'after']);
    await journal.close();
  });

  it('remembers the numbers of a torn tail over restarts in which nothing is appended', async () => {
    let journal = await open();
    await fill(journal, 3);
    await journal.close();
    const file = join(dir, segmentsOf(dir)[0] ?? '');
    truncateSync(file, readFileSync(file).length - 1);
    for (let n = 0; n < 3; n++) await (await open()).close();
    journal = await open();
    const { first } = await journal.append([text('after')]);
    expect(first).toBeGreaterThan(3);
    expect((await contents(journal)).map(([sequence]) => sequence)).toEqual([1, 2, first]);
    await journal.close();
  });

  it('gives no number out twice when whole records are cut off, or every file is gone', async () => {
    let journal = await open();
    await fill(journal, 100);
    await journal.close();
    const [name = ''] = segmentsOf(dir);
    truncateSync(join(dir, name), 200);
    journal = await open();
    expect((await journal.append([text('x')])).first).toBe(101);
    await journal.close();
    for (const segment of segmentsOf(dir)) rmSync(join(dir, segment));
    journal = await open();
    expect((await journal.append([text('x')])).first).toBe(102);
    await journal.close();
  });

  it('ends at a record that is there, so that nobody waits for one that is not', async () => {
    let journal = await open();
    await fill(journal, 5);
    await journal.cursor('slow').commit(1);
    await journal.close();
    const [name = ''] = segmentsOf(dir);
    truncateSync(join(dir, name), readFileSync(join(dir, name)).length - 1);
    for (let n = 0; n < 3; n++) {
      journal = await open();
      expect(journal.lastSequence).toBe(4);
      expect((await journal.read({ from: 1 })).at(-1)?.sequence).toBe(4);
      await journal.close();
    }
  });

  it('truncated at every offset of the last two records: gives all whole records before, and no wrong byte', async () => {
    let journal = await open();
    const written = await fill(journal, 6, 20);
    await journal.close();
    const [name = ''] = segmentsOf(dir);
    const file = join(dir, name);
    const good = readFileSync(file);
    const ends = written.map((_, n) => good.length - (5 - n) * (RECORD_BYTES + 22));
    const [fourth = 0] = ends.slice(3);
    for (let length = good.length; length >= fourth; length--) {
      for (const segment of segmentsOf(dir)) rmSync(join(dir, segment));
      writeFileSync(file, good.subarray(0, length));
      journal = await open();
      const whole = ends.filter((end) => end <= length).length;
      expect(await contents(journal)).toEqual(written.slice(0, whole));
      expect(journal.stats()).toMatchObject({ torn: ends.includes(length) ? 0 : 1, corrupt: 0 });
      await journal.close();
    }
  }, 60_000);

  it('1,000 random bit flips: each loses only the record that it hits, which is counted, and never gives a wrong byte', async () => {
    let journal = await open();
    const written = await fill(journal, 20, 30);
    await journal.close();
    const file = join(dir, segmentsOf(dir)[0] ?? '');
    const good = readFileSync(file);
    let seed = 42;
    const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    for (let n = 0; n < 1_000; n++) {
      const bad = Buffer.from(good);
      const at = 32 + random(good.length - 32);
      bad.writeUInt8(bad.readUInt8(at) ^ (1 << random(8)), at);
      writeFileSync(file, bad);
      journal = await open();
      const read = await contents(journal);
      const { corrupt, torn } = journal.stats();
      await journal.close();
      expect(read.length).toBe(19);
      expect(written).toEqual(expect.arrayContaining(read));
      // Damage to the last record looks like a write that was cut off.
      expect(corrupt + torn).toBe(1);
      for (const name of segmentsOf(dir).slice(1)) rmSync(join(dir, name));
    }
  }, 60_000);

  it('takes nothing that a payload brought along for a record, and does not search it for ever', async () => {
    let journal = await open();
    // What somebody who knows the format would send: records that follow on ours, and headers of large records at every step.
    const forged = Buffer.alloc(2 ** 21);
    for (let at = 0; at < forged.length; at += RECORD_BYTES) {
      forged.writeUInt32LE(2 ** 20, at);
      forged.writeUInt32LE(2, at + 8);
    }
    writeRecord(forged, 0, { sequence: 2, payload: text('forged') }, 0);
    await journal.append([forged, text('true'), text('too')]);
    await journal.close();
    const file = join(dir, segmentsOf(dir)[0] ?? '');
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, 32 + 1000);
    writeFileSync(file, bytes);
    journal = await open();
    expect(await contents(journal)).toEqual([
      [2, 'true'],
      [3, 'too'],
    ]);
    expect(journal.stats().corrupt).toBe(1);
    await journal.close();
  });

  it('loses no record with a header', async () => {
    let journal = await open({ segmentBytes: 1024 });
    for (let n = 0; n < 30; n++) await journal.append([text('x'.repeat(100))]);
    await journal.close();
    for (const name of segmentsOf(dir)) {
      const file = join(dir, name);
      writeFileSync(file, Buffer.concat([Buffer.alloc(32), readFileSync(file).subarray(32)]));
    }
    journal = await open();
    expect((await journal.append([text('more')])).first).toBe(31);
    const numbers = (await contents(journal)).map(([sequence]) => sequence);
    expect(numbers).toEqual(Array.from({ length: 31 }, (_, n) => n + 1));
    await journal.close();
  });

  it('lets others run while it searches a lot of damage', async () => {
    let journal = await open();
    await journal.append([Buffer.alloc(2 ** 19, 0xff), text('behind')]);
    await journal.close();
    const file = join(dir, segmentsOf(dir)[0] ?? '');
    const bytes = readFileSync(file);
    // The salt too: without it the search goes byte by byte.
    bytes.fill(0, 0, 100);
    writeFileSync(file, bytes);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    journal = await open();
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(6);
    expect(await contents(journal)).toEqual([[2, 'behind']]);
    await journal.close();
  }, 60_000);

  it('refuses a segment of another version', async () => {
    await (await open()).close();
    const file = join(dir, segmentsOf(dir)[0] ?? '');
    const bytes = readFileSync(file);
    bytes.writeUInt32LE(2, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
    writeFileSync(file, bytes);
    await expect(open()).rejects.toMatchObject({ code: 'journal_version' });
  });
});
