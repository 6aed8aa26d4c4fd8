import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SignalCounts } from '../stats.js';
import { eventually } from '../testing/run-app.js';
import { LineWriter } from './line-writer.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/log-ends/', import.meta.url));

jest.setTimeout(60_000);

let dir: string;
let open: number[];
let children: ChildProcess[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'unhinged-lines-'));
  open = [];
  children = [];
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const child of children) child.kill('SIGKILL');
  for (const descriptor of open) closeSync(descriptor);
  rmSync(dir, { recursive: true });
});

const opened = (path: string, flags: number | string): number => {
  const descriptor = openSync(path, flags);
  open.push(descriptor);
  return descriptor;
};

test('lines of a turn leave together at its end, in order', async () => {
  const file = join(dir, 'out');
  const counts = new SignalCounts();
  const writer = new LineWriter(opened(file, 'w'), counts, { isStream: false });
  writer.add('a\n');
  writer.add('ü😀\n');
  expect(readFileSync(file, 'utf8')).toBe('');
  await new Promise((resolve) => setImmediate(resolve));
  expect(readFileSync(file, 'utf8')).toBe('a\nü😀\n');
  expect(counts.stats()).toMatchObject({ created: 2, exported: 2, queued: 0 });
});

describe('a pipe', () => {
  /** A real pipe that takes what fits and then says EAGAIN. */
  function pipe() {
    const path = join(dir, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const counts = new SignalCounts();
    const writer = new LineWriter(opened(path, constants.O_WRONLY | constants.O_NONBLOCK), counts, {
      isStream: true,
    });
    const read = (): string => {
      const buffer = Buffer.alloc(1 << 20);
      let text = '';
      for (;;) {
        try {
          const size = readSync(reader, buffer);
          if (size === 0) return text;
          text += buffer.toString('latin1', 0, size);
        } catch {
          return text;
        }
      }
    };
    return { reader, writer, counts, read };
  }

  const line = (index: number) => `${index.toString().padStart(6, '0')} ${'x'.repeat(index % 300)}\n`;
  const lines = (count: number) => Array.from({ length: count }, (_, index) => line(index));

  test('with a slow reader loses nothing and waits without blocking', async () => {
    const { writer, counts, read } = pipe();
    const all = lines(5_000);
    for (const each of all) writer.add(each);
    writer.drain();
    expect(counts.stats().queued).toBeGreaterThan(0);
    let text = '';
    await eventually('all lines', () => {
      text += read();
      return counts.stats().queued === 0;
    });
    text += read();
    expect(text).toBe(all.join(''));
    expect(counts.stats()).toMatchObject({ created: 5_000, exported: 5_000, dropped: {} });
  });

  test('a line longer than a pipe holds arrives whole', async () => {
    const { writer, counts, read } = pipe();
    const long = `${'y'.repeat(300_000)}\n`;
    writer.add(long);
    writer.add('z\n');
    let text = '';
    await eventually('both lines', () => {
      text += read();
      return counts.stats().queued === 0;
    });
    expect(text + read()).toBe(`${long}z\n`);
  });

  test('no write ends within a line, so that a line of somebody else never falls into one of ours', () => {
    const { writer, read } = pipe();
    for (const each of lines(5_000)) writer.add(each);
    writer.drain();
    expect(read().endsWith('\n')).toBe(true);
  });

  test('waits while somebody else has half a line to write', async () => {
    const path = join(dir, 'out');
    const counts = new SignalCounts();
    let isTaken = true;
    const writer = new LineWriter(opened(path, 'w'), counts, { isStream: true, isTaken: () => isTaken });
    writer.add('mine\n');
    writer.drain();
    expect(readFileSync(path, 'utf8')).toBe('');
    isTaken = false;
    await writer.flush();
    expect(readFileSync(path, 'utf8')).toBe('mine\n');
  });

  test('whose reader has gone is given up, and every line counted', () => {
    const { writer, reader, counts } = pipe();
    open.splice(open.indexOf(reader), 1);
    closeSync(reader);
    writer.add('a\n');
    writer.drain();
    writer.add('b\n');
    expect(counts.stats()).toMatchObject({ created: 2, exported: 0, dropped: { closed: 2 }, queued: 0 });
  });

  test('that nobody reads holds 4 MiB; more is dropped and counted, and the end waits no longer than 2 s', () => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { writer, counts } = pipe();
    const long = `${'x'.repeat(1_000)}\n`;
    for (let index = 0; index < 10_000; index++) writer.add(long);
    const { queued, exported, dropped } = counts.stats();
    expect(queued * long.length).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(dropped.queue_full).toBe(10_000 - queued - exported);
    const start = Date.now();
    writer.end();
    expect(Date.now() - start).toBeLessThan(10_000);
    expect(counts.stats()).toMatchObject({ queued: 0, dropped: { exit: queued } });
  });
});

describe('the end of a process', () => {
  function run(end: string, register = false) {
    const args = register ? ['--import', '@unhinged/observability-node/register'] : [];
    const child = spawn(process.execPath, [...args, 'end.js'], {
      cwd: FIXTURES,
      env: {
        PATH: process.env['PATH'],
        END: end,
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'none',
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    return new Promise<{ code: number | null; signal: string | null; lines: string[] }>((resolve) => {
      child.on('close', (code, signal) => {
        resolve({ code, signal, lines: text.trimEnd().split('\n') });
      });
    });
  }

  test.each([
    ['natural', { code: 0, signal: null }],
    ['exit', { code: 3, signal: null }],
    ['throw', { code: 1, signal: null }],
    ['reject', { code: 1, signal: null }],
  ])('%s: no line is lost', async (end, expected) => {
    const { lines, ...ended } = await run(end);
    expect(ended).toEqual(expected);
    expect(lines.map((each) => (JSON.parse(each) as { metadata: { index: number } }).metadata.index)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => index),
    );
  });

  test('SIGTERM, with the SDK started: no line is lost', async () => {
    const { lines, signal } = await run('SIGTERM', true);
    expect(signal).toBe('SIGTERM');
    expect(lines).toHaveLength(1_000);
  });

  test('a reader that is stuck does not stop the program; what is dropped is counted and on /metrics', async () => {
    const child = spawn(process.execPath, ['stuck.js'], {
      cwd: FIXTURES,
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    interface Said {
      stats: { created: number; exported: number; queued: number; dropped: { queue_full: number } };
      metrics: string;
    }
    const reports = () =>
      said
        .split('\n')
        .slice(0, -1)
        .filter((each) => each.startsWith('{'))
        .map((each) => JSON.parse(each) as Said);
    const first = await eventually('the program goes on', () => reports()[0]);
    expect(first.stats.dropped.queue_full).toBeGreaterThan(0);
    expect(first.metrics).toMatch(/^unhinged_sdk_records_total\{[^}]*reason="queue_full",signal="console"/m);
    let read = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) read++;
    });
    child.stdin.write('go on\n');
    await new Promise((resolve) => child.on('close', resolve));
    const last = reports().at(-1)?.stats;
    expect(last).toMatchObject({ created: 60_000, queued: 0, exported: read });
    expect(read + (last?.dropped.queue_full ?? 0)).toBe(60_000);
  });
});
