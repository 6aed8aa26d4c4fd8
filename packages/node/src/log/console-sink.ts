import { formatPrettyLine, type ConsoleSink } from '@unhinged/observability-core';
import { writeJsonLine } from './json-encoder.js';
import { stdout, stdoutWriter } from './stdout.js';

/**
 * Writes lines to stdout: JSON, one object a line, in production and into pipes and files, together at the end of a turn of the event
 * loop; readable, at once and in colour (unless NO_COLOR is set) on a terminal elsewhere. `LOG_FORMAT` (`json`, `pretty`) decides
 * when it is set.
 */
export function consoleSink(environment: string): ConsoleSink {
  const { LOG_FORMAT, NO_COLOR = '' } = process.env;
  const isReadable = LOG_FORMAT === 'pretty' || (stdout.isTerminal && environment !== 'production');
  if (!isReadable || LOG_FORMAT === 'json') return writeJsonLine;
  const color = NO_COLOR === '';
  return (line) => {
    const writer = stdoutWriter();
    writer.add(`${formatPrettyLine(line, { color })}\n`);
    if (stdout.isTerminal) writer.drain();
  };
}
