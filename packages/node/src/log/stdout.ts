import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { running } from '../running.js';
import { LineWriter } from './line-writer.js';

/** Where the C lines of this process go: one writer for all loggers, so that their lines keep their order. */
export const stdout: { writer: LineWriter | undefined; readonly isTerminal: boolean } = {
  writer: undefined,
  isTerminal: isatty(1),
};

export function stdoutWriter(): LineWriter {
  return (stdout.writer ??= open());
}

function open(): LineWriter {
  const isStream = stdout.isTerminal || isPipe();
  const isTaken = () => process.stdout.writableLength > 0;
  // Asked for the stream, Node makes a pipe non-blocking: a stuck reader then cannot stop the program.
  if (isStream) isTaken();
  const writer = new LineWriter(1, running.counts.console, { isStream, ...(isStream && { isTaken }) });
  // Comes with process.exit, the natural end and an uncaught exception alike.
  process.on('exit', () => {
    writer.end();
  });
  return writer;
}

function isPipe(): boolean {
  try {
    const stat = fstatSync(1);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    // Closed: the first write says so.
    return false;
  }
}
