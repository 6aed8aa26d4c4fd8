import { afterEach, beforeEach } from '@jest/globals';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LineWriter } from '../log/line-writer.js';
import { stdout } from '../log/stdout.js';
import { running } from '../running.js';

/** For each test of the file, C lines go to a file. Returns a function that gives those so far. */
export function printedLines(): () => string[] {
  let file: string;
  let descriptor: number;
  beforeEach(() => {
    file = join(mkdtempSync(join(tmpdir(), 'unhinged-printed-')), 'stdout');
    descriptor = openSync(file, 'w');
    stdout.writer = new LineWriter(descriptor, running.counts.console, { isStream: false });
  });
  afterEach(() => {
    stdout.writer = undefined;
    closeSync(descriptor);
    rmSync(dirname(file), { recursive: true });
  });
  return () => {
    stdout.writer?.drain();
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  };
}
