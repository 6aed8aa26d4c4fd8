import { originalPositionFor, type TraceMap } from '@jridgewell/trace-mapping';

/** Attribute beside a stack: which debug ids its files have, each `<id> <file>`, the file as the stack names it. */
export const ATTR_DEBUG_IDS = 'unhinged.debug_ids';

/** A stack with more lines, or frames of more files, is no stack of ours. */
const MAX_LINES = 200;
const MAX_FILES = 32;

interface Frame {
  /** Name of the function, as far as it is known. */
  name: string;
  place: string;
  /** What the source calls at this place: the function of the frame above. */
  calls: string | null;
}

/**
 * The stack with the places of the sources, in Chrome's form; lines of files without a map stay as they are. Undefined when no line
 * could be resolved. Functions are named by what their caller calls them, since minified names say nothing.
 *
 * @param debugIds Elements of {@link ATTR_DEBUG_IDS}; what has another form is passed over.
 */
export async function resolveStack(
  stack: string,
  debugIds: readonly unknown[],
  mapOf: (debugId: string) => Promise<TraceMap | undefined>,
): Promise<string | undefined> {
  const files = await mapsOf(debugIds, mapOf);
  if (files.length === 0) return undefined;
  const lines = stack.split('\n');
  const frames = lines.map((line, index) => (index < MAX_LINES ? resolveLine(line, files) : undefined));
  if (!frames.some(Boolean)) return undefined;
  return lines
    .map((line, index) => {
      const frame = frames[index];
      if (!frame) return line;
      const name = frames[index + 1]?.calls ?? frame.name;
      return name === '' ? `    at ${frame.place}` : `    at ${name} (${frame.place})`;
    })
    .join('\n');
}

async function mapsOf(
  debugIds: readonly unknown[],
  mapOf: (debugId: string) => Promise<TraceMap | undefined>,
): Promise<{ file: string; map: TraceMap }[]> {
  const found: { file: string; map: TraceMap }[] = [];
  for (const item of debugIds.slice(0, MAX_FILES)) {
    const [, id, file] = /^([0-9a-fA-F-]{36}) (.+)$/.exec(String(item)) ?? [];
    if (id === undefined || file === undefined) continue;
    const map = await mapOf(id.toLowerCase());
    if (map) found.push({ file, map });
  }
  // The longest first: one name may be the beginning of another.
  return found.sort((a, b) => b.file.length - a.file.length);
}

function resolveLine(line: string, files: readonly { file: string; map: TraceMap }[]): Frame | undefined {
  for (const { file, map } of files) {
    const at = line.indexOf(`${file}:`);
    if (at < 0) continue;
    const [, row, column] = /^:(\d+):(\d+)\)?\s*$/.exec(line.slice(at + file.length)) ?? [];
    if (row === undefined || column === undefined) continue;
    // Stacks count columns from 1, maps from 0.
    const needle = { line: Math.max(1, Number(row)), column: Math.max(0, Number(column) - 1) };
    const { source, line: sourceRow, column: sourceColumn, name } = originalPositionFor(map, needle);
    if (source === null) continue;
    return {
      name: functionOf(line.slice(0, at)),
      place: `${shortened(source)}:${sourceRow}:${sourceColumn + 1}`,
      calls: name,
    };
  }
  return undefined;
}

/** What stands before the file: `    at name (` in Chrome, `name@` in Firefox and Safari. */
function functionOf(before: string): string {
  return /^\s*(?:at )?(.*?)\s*[(@]?$/.exec(before)?.[1] ?? '';
}

/** Bundlers name sources from the folder of the map, or by a scheme of their own. */
const shortened = (source: string): string => source.replace(/^(webpack:\/\/[^/]*\/|(\.{1,2}\/)+)+/, '');
