import type { LogLine } from '@unhinged/observability-core';

let printing = false;

/** Is what is printed right now a line of ours? Whoever captures the console has it already. */
export const isPrinting = (): boolean => printing;

/** A line on the browser's console; metadata as an object to unfold, and the stack, whose places the browser links. */
export function printLine(line: LogLine): void {
  const { level } = line;
  const head = `[${line.component === '' ? line.service : `${line.service}/${line.component}`}] ${line.message}`;
  const extras: unknown[] = Object.keys(line.metadata).length > 0 ? [line.metadata] : [];
  for (const error of line.error ? [line.error, ...line.error.causes] : []) {
    extras.push(`\n${error.stack === '' ? `${error.type}: ${error.message}` : error.stack}`);
  }
  // The head goes through %s, so that a % of the message is not read as a format.
  printing = true;
  try {
    // Not console.trace: that prints a stack of its own.
    console[level === 'trace' ? 'debug' : level === 'fatal' ? 'error' : level]('%s', head, ...extras);
  } finally {
    printing = false;
  }
}
