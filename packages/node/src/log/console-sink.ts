import { Console } from 'node:console';
import { formatJsonLine, formatPrettyLine, type ConsoleSink } from '@unhinged/observability-core';

/**
 * Writes lines to stdout: JSON, one object a line, in production and into pipes and files; readable and in colour (unless
 * NO_COLOR is set) on a terminal elsewhere. FORCE_COLOR makes a pipe count as a terminal: somebody passes the lines on to one.
 */
export function consoleSink(environment: string): ConsoleSink {
  // Unlike a bare stdout.write, a Console survives a reader that has gone (EPIPE); a patched global console cannot loop back.
  const out = new Console({ stdout: process.stdout, ignoreErrors: true });
  const { FORCE_COLOR = '', NO_COLOR = '' } = process.env;
  const isTerminal = process.stdout.isTTY || !['', '0', 'false'].includes(FORCE_COLOR);
  if (!isTerminal || environment === 'production') {
    return (line) => {
      out.log(formatJsonLine(line));
    };
  }
  const color = NO_COLOR === '';
  return (line) => {
    out.log(formatPrettyLine(line, { color }));
  };
}
