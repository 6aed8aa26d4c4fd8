import { Console } from 'node:console';
import { formatJsonLine, formatPrettyLine, type ConsoleSink } from '@unhinged/observability-core';

/**
 * Writes lines to stdout: JSON, one object a line, in production and into pipes and files; readable and in colour (unless
 * NO_COLOR is set) on a terminal elsewhere. `LOG_FORMAT` (`json`, `pretty`) decides when it is set.
 */
export function consoleSink(environment: string): ConsoleSink {
  // Unlike a bare stdout.write, a Console survives a reader that has gone (EPIPE); a patched global console cannot loop back.
  const out = new Console({ stdout: process.stdout, ignoreErrors: true });
  const { LOG_FORMAT, NO_COLOR = '' } = process.env;
  const isReadable = LOG_FORMAT === 'pretty' || (process.stdout.isTTY && environment !== 'production');
  if (!isReadable || LOG_FORMAT === 'json') {
    return (line) => {
      out.log(formatJsonLine(line));
    };
  }
  const color = NO_COLOR === '';
  return (line) => {
    out.log(formatPrettyLine(line, { color }));
  };
}
