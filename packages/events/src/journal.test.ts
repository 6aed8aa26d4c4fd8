import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { encodeHeader, RECORD_BYTES, writeRecord } from './journal/format.js';
import { writeNumber } from './journal/number-file.js';
import { contents, fill, segmentsOf, text } from './testing/journal-contents.js';
import { decodeRecord, encodeRecord, Journal, type JournalOptions, journalTransport } from './journal.js';

describe('Journal', () => {
  let dir = '';
  const open = (options: Partial<JournalOptions> = {}): Promise<Journal> => Journal.open({ dir, ...options });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'journal-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('gives back what was appended, in order, with sequences from 1', async () => {
    const journal = await open();
    expect(await journal.append([text('a'), text('b')])).toEqual({ first: 1, last: 2 });
    expect(await journal.append([text('')])).toEqual({ first: 3, last: 3 });
    expect(await contents(journal)).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, ''],
    ]);
    await journal.close();
  });

  it('has the bytes that docs/journal-format.md describes', async () => {
    // Sequence 2^32 + 1 and salt 0xa1b2c3d4.
    const golden =
      '554e484a524e4c31' +
      '01000000' +
      'd4c3b2a1' +
      '0100000001000000' +
      '0d4dc0a6' +
      '00000000' +
      '05000000' +
      '4f4df6df' +
      '01000000d5c3b2a1' +
      '68656c6c6f';
    const first = 2 ** 32 + 1;
    const record = Buffer.alloc(RECORD_BYTES + 5);
    writeRecord(record, 0, { sequence: first, payload: text('hello') }, 0xa1b2c3d4);
    const bytes = Buffer.concat([encodeHeader(first, 0xa1b2c3d4), record]);
    expect(bytes.toString('hex')).toBe(golden);

    writeFileSync(join(dir, '00000000004294967297.journal'), bytes);
    const journal = await open();
    expect(await contents(journal, first)).toEqual([[first, 'hello']]);
    await journal.append([text('x')]);
    expect((await contents(journal, first)).at(-1)).toEqual([first + 1, 'x']);
    await journal.close();
  });

  it('goes on with the next sequence after a restart, across segments', async () => {
    let journal = await open({ segmentBytes: 1024 });
    const first = await fill(journal, 50, 100);
    await journal.close();
    expect(segmentsOf(dir).length).toBeGreaterThan(0);
    journal = await open({ segmentBytes: 1024 });
    for (let n = 0; n < 30; n++) await journal.append([text(`later ${n}`.padEnd(200))]);
    expect(segmentsOf(dir).length).toBeGreaterThan(3);
    const all = await contents(journal);
    expect(all.slice(0, 50)).toEqual(first);
    expect(all.map(([sequence]) => sequence)).toEqual(Array.from({ length: 80 }, (_, n) => n + 1));
    await journal.close();
  });

  it('writes appends that come together with one sync', async () => {
    const journal = await open();
    await fill(journal, 500);
    expect(journal.stats()).toMatchObject({ appended: 500, syncs: 1, queued: 0, queuedBytes: 0 });
    await journal.close();
  });

  it('refuses a second owner and says who the first is', async () => {
    const journal = await open();
    await expect(open()).rejects.toMatchObject({
      code: 'journal_locked',
      message: expect.stringContaining(process.pid.toString()) as string,
    });
    await journal.close();
    await (await open()).close();
  });

  it('takes over the lock of a process that is gone, also when its id was given out again', async () => {
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: process.pid, started: '1', boot: 'another' }));
    await (await open()).close();
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1 }));
    await (await open()).close();
  });

  describe('cursors', () => {
    it('hold segments until every consumer is past them', async () => {
      const journal = await open({ segmentBytes: 1024 });
      const slow = journal.cursor('slow');
      const fast = journal.cursor('fast');
      for (let n = 0; n < 30; n++) await journal.append([text('x'.repeat(200))]);
      await fast.commit(30);
      await journal.append([text('x')]);
      expect(journal.firstSequence).toBe(1);
      await slow.commit(20);
      await journal.append([text('x')]);
      expect(journal.firstSequence).toBeGreaterThan(1);
      expect(journal.firstSequence).toBeLessThanOrEqual(21);
      expect((await contents(journal, 21)).length).toBe(12);
      await journal.close();
    });

    it('come back where they were, never move back, and start at 0 when their file is damaged', async () => {
      let journal = await open();
      await fill(journal, 10);
      await journal.cursor('lake').commit(7);
      await journal.cursor('lake').commit(3);
      await journal.close();
      journal = await open();
      expect(journal.cursor('lake').position).toBe(7);
      await journal.close();
      writeFileSync(join(dir, 'cursors', 'lake'), '9 00000000\n');
      journal = await open();
      expect(journal.cursor('lake').position).toBe(0);
      await journal.close();
    });

    it('keep the sequence going when every file is gone', async () => {
      let journal = await open();
      await fill(journal, 10);
      await journal.cursor('lake').commit(10);
      await journal.close();
      for (const name of segmentsOf(dir)) rmSync(join(dir, name));
      journal = await open();
      expect((await journal.append([text('x')])).first).toBe(11);
      await journal.close();
    });

    it('refuse a position that no record has', async () => {
      const journal = await open();
      await fill(journal, 3);
      for (const position of [4, -1, 0.5, NaN]) {
        await expect(journal.cursor('lake').commit(position)).rejects.toMatchObject({ code: 'bad_option' });
      }
      expect(readdirSync(join(dir, 'cursors'))).toEqual([]);
      await journal.close();
    });

    it('stay forgotten when dropped in the middle of a commit', async () => {
      const journal = await open();
      await fill(journal, 3);
      const cursor = journal.cursor('lake');
      const commit = cursor.commit(2);
      await new Promise((resolve) => setImmediate(resolve));
      await journal.dropCursor('lake');
      await commit;
      expect(cursor.position).toBe(0);
      expect(readdirSync(join(dir, 'cursors'))).toEqual([]);
      await journal.close();
    });

    it('write nothing once the folder may have another owner', async () => {
      const journal = await open();
      await fill(journal, 3);
      const cursor = journal.cursor('lake');
      const commit = cursor.commit(1);
      await journal.close();
      await commit;
      await expect(cursor.commit(2)).rejects.toMatchObject({ code: 'journal_closed' });
      const next = await open();
      expect(next.cursor('lake').position).toBe(1);
      await next.close();
    });

    it('refuse a name that is not a file name', async () => {
      const journal = await open();
      expect(() => journal.cursor('../x')).toThrow(/Cursor name/);
      await journal.close();
    });
  });

  describe('at the cap', () => {
    const cap = { capBytes: 8192, segmentBytes: 1024 };
    const kilobyte = text('x'.repeat(1000));

    it('blocks, and goes on when a consumer frees space', async () => {
      const journal = await open({ ...cap, blockMs: 60_000 });
      const cursor = journal.cursor('lake');
      const appends = Array.from({ length: 12 }, () => journal.append([kilobyte]));
      await appends[0];
      // Twelve kilobytes do not fit in eight: the consumer has to read some first.
      for await (const records of journal.follow({ from: 1 })) {
        const last = records.at(-1)?.sequence ?? 0;
        await cursor.commit(last);
        if (last === 12) break;
      }
      await Promise.all(appends);
      expect(journal.stats().bytes).toBeLessThanOrEqual(8192);
      expect(journal.stats().dropped).toEqual({});
      await journal.close();
    });

    it('refuses with journal_full after blockMs, and counts it', async () => {
      const journal = await open({ ...cap, blockMs: 0 });
      journal.cursor('lake');
      const results = [];
      for (let n = 0; n < 12; n++)
        results.push(await journal.append([kilobyte]).catch((error: unknown) => error));
      const refused = results.filter((result) => result instanceof Error);
      expect(refused[0]).toMatchObject({ code: 'journal_full' });
      expect(journal.stats().dropped).toEqual({ journal_full: refused.length });
      expect((await contents(journal)).length).toBe(12 - refused.length);
      await journal.close();
    });

    it('drops the oldest when told to, and counts what each consumer lost', async () => {
      const journal = await open({ ...cap, onFull: 'drop-oldest' });
      await journal.append([kilobyte]);
      await journal.cursor('lake').commit(1);
      journal.cursor('slow');
      for (let n = 1; n < 20; n++) await journal.append([kilobyte]);
      const left = await contents(journal);
      expect(left.at(-1)?.[0]).toBe(20);
      const { dropped, firstSequence } = journal.stats();
      expect(dropped['dropped_oldest:slow']).toBe(firstSequence - 1);
      expect(dropped['dropped_oldest:lake']).toBe(firstSequence - 2);
      await journal.close();
    });

    it('counts the records that it dropped, not the numbers that a crash left unused', async () => {
      let journal = await open(cap);
      await journal.append([kilobyte, kilobyte, kilobyte]);
      await journal.close();
      await writeNumber(join(dir, 'high-water'), 70_000);
      journal = await open({ ...cap, onFull: 'drop-oldest' });
      journal.cursor('slow');
      expect((await journal.append([kilobyte])).first).toBe(70_001);
      for (let n = 0; n < 8; n++) await journal.append([kilobyte]);
      const left = (await contents(journal)).length;
      expect(journal.stats().dropped).toEqual({ 'dropped_oldest:slow': 12 - left });
      await journal.close();
    });

    it('drops nothing for an append that could not fit anyway', async () => {
      const journal = await open({ ...cap, onFull: 'drop-oldest' });
      for (let n = 0; n < 5; n++) await journal.append([kilobyte]);
      await expect(journal.append([text('x'.repeat(9000))])).rejects.toMatchObject({
        code: 'payload_too_large',
      });
      expect((await contents(journal)).length).toBe(5);
      await journal.close();
    });

    it('bounds what waits to be written', async () => {
      const journal = await open({ queueBytes: 3000 });
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => journal.append([kilobyte])));
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'rejected',
        'rejected',
      ]);
      await journal.close();
    });
  });

  it('follows what is appended until it is told to stop', async () => {
    const journal = await open();
    const stop = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const records of journal.follow({ from: 1, signal: stop.signal })) {
        seen.push(...records.map(({ sequence }) => sequence));
        if (seen.length === 100) stop.abort();
      }
    })();
    for (let n = 0; n < 100; n++) await journal.append([text('x')]);
    await following;
    expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    await journal.close();
  });

  it('reads while it is written, rolled and cleaned, and misses nothing', async () => {
    const journal = await open({ segmentBytes: 2048 });
    const cursor = journal.cursor('reader');
    const seen: number[] = [];
    const reading = (async () => {
      for await (const records of journal.follow({ from: 1, maxRecords: 13 })) {
        seen.push(...records.map(({ sequence }) => sequence));
        await cursor.commit(seen.at(-1) ?? 0);
        if (seen.length === 600) return;
      }
    })();
    for (let n = 0; n < 200; n++) await journal.append([text(`a${n}`), text('b'.repeat(100)), text('')]);
    await reading;
    expect(seen).toEqual(Array.from({ length: 600 }, (_, n) => n + 1));
    await journal.close();
  });

  it('refuses bad options by name and value', async () => {
    await expect(open({ capBytes: -1 })).rejects.toThrow(
      'capBytes: expected a number of at least 4096, got -1',
    );
    await expect(open({ onFull: 'explode' as 'block' })).rejects.toMatchObject({ code: 'bad_option' });
  });

  it('says what is wrong with a folder that cannot be one', async () => {
    writeFileSync(join(dir, 'file'), '');
    const opened = Journal.open({ dir: join(dir, 'file') });
    await expect(opened).rejects.toMatchObject({
      code: 'journal_open_failed',
      message: expect.stringContaining(join(dir, 'file')) as string,
    });
  });

  it('stores records as a transport', async () => {
    const journal = await open();
    const record = {
      topic: 't',
      key: 'k',
      eventType: 'span',
      value: text('v'),
      headers: { reason: 'because' },
    };
    expect(await journalTransport(journal).sendBatch([record])).toEqual([{}]);
    const [stored] = await journal.read({ from: 1 });
    expect(stored && decodeRecord(stored.payload)).toEqual(record);
    await journal.close();
  });
});

describe('the record codec', () => {
  it('gives back every record', () => {
    fc.assert(
      fc.property(
        fc.record({ topic: fc.string(), key: fc.string(), eventType: fc.string(), value: fc.uint8Array() }),
        (record) => {
          const decoded = decodeRecord(encodeRecord(record));
          expect({ ...decoded, value: [...decoded.value] }).toEqual({ ...record, value: [...record.value] });
        },
      ),
    );
  });
});
