import type { LogLevel, LogLine } from '@unhinged/observability-core';

type Method = 'debug' | 'info' | 'warn' | 'error';

// Not console.trace: that prints a stack of its own.
const methods: Readonly<Record<LogLevel, Method>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'error',
};

let printing = false;

/** Is what is printed right now a line of ours? Whoever captures the console has it already. */
export const isPrinting = (): boolean => printing;

/** A line on the browser's console; metadata as an object to unfold, and the stack, whose places the browser links. */
export function printLine(line: LogLine): void {
  const head = `[${line.component === '' ? line.service : `${line.service}/${line.component}`}] ${line.message}`;
  const extras: unknown[] = Object.keys(line.metadata).length > 0 ? [line.metadata] : [];
  for (const error of line.error ? [line.error, ...line.error.causes] : []) {
    extras.push(`\n${error.stack === '' ? `${error.type}: ${error.message}` : error.stack}`);
  }
  // The head goes through %s, so that a % of the message is not read as a format.
  printing = true;
  try {
    console[methods[line.level]]('%s', head, ...extras);
  } finally {
    printing = false;
  }
}
