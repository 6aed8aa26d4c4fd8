import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { CDCObservabilityIntegration, EventEmitter } from '@unhinged/events';
import { Journal, journalTransport } from '@unhinged/events/journal';
import { unhinged } from './testing/command.js';

jest.setTimeout(90_000);

let data: string;
let dir: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'unhinged-journal-'));
  dir = join(data, 'journal');
});
afterEach(() => {
  rmSync(data, { recursive: true, force: true });
});

async function write(count: number): Promise<void> {
  const journal = await Journal.open({ dir, segmentBytes: 8_192 });
  const cdc = new CDCObservabilityIntegration(new EventEmitter({ transport: journalTransport(journal) }));
  const cursor = journal.cursor('lake');
  for (let n = 1; n <= count; n++)
    await cdc.emitLogEvent({ level: 'info', service: 'shop', message: `line ${n}` });
  await cursor.commit(3);
  await journal.close();
}

const run = (command: string, ...args: string[]) => unhinged(['journal', command, '--data', data, ...args]);
const lines = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('ls shows segments and how far behind consumers are', async () => {
  await write(100);
  const { status, stdout } = run('ls');
  expect(status).toBe(0);
  expect(stdout).toContain('last sequence 100, not open');
  expect(stdout).toMatch(/lake +at 3, 97 behind/);
  const [listing] = lines(run('ls', '--json').stdout);
  expect(listing).toMatchObject({ dir, last: 100, cursors: [{ name: 'lake', position: 3, behind: 97 }] });
  expect((listing?.['segments'] as unknown[]).length).toBeGreaterThan(2);
});

test('verify says that all is whole, and where it is not, with exit code 1', async () => {
  await write(100);
  expect(run('verify')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('100 records, all whole.') as string,
  });
  const [name = ''] = readdirSync(dir).filter((file) => file.endsWith('.journal'));
  const bytes = readFileSync(join(dir, name));
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  writeFileSync(join(dir, name), bytes);
  const { status, stdout } = run('verify');
  expect(status).toBe(1);
  expect(stdout).toContain('DAMAGED at 32');
  expect(stdout).toContain('99 records, 1 damaged place.');
  expect(lines(run('verify', '--json').stdout)[0]).toMatchObject({ name, damage: [32], header: true });
});

test('dump prints the records from a sequence on, as JSON with the whole event', async () => {
  await write(20);
  const text = run('dump', '--from', '5', '--limit', '2').stdout.trim().split('\n');
  expect(text).toHaveLength(2);
  expect(text[0]).toMatch(/^5 {2}.*log_entry {2}shop {2}line 5$/);
  const records = lines(run('dump', '--json').stdout);
  expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  expect(records[0]).toMatchObject({
    topic: 'observability.logs',
    eventType: 'log_entry',
    event: { message: 'line 1' },
  });
});

test('it reads while another process writes, and names it', async () => {
  const program = fileURLToPath(new URL('../../../events/fixtures/append-for-ever.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, dir, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    child.stdout.resume();
    for (let n = 0; n < 3; n++) {
      const verified = run('verify', '--json');
      expect(verified.status).toBe(0);
      const [listing] = lines(run('ls', '--json').stdout);
      expect(listing).toMatchObject({ owner: child.pid });
      const dumped = lines(run('dump', '--json').stdout).map(({ sequence }) => sequence as number);
      expect(dumped.length).toBeGreaterThan(2);
      expect(dumped).toEqual(dumped.map((_, index) => index + 1));
    }
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('where there is no journal it says so, with exit code 2', () => {
  for (const command of ['ls', 'verify', 'dump']) {
    expect(run(command)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('There is no journal in') as string,
    });
  }
  expect(unhinged(['journal', 'verify', '--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Exit codes: 0 whole, 1 damaged') as string,
  });
});
