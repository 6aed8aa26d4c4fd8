import { createHash } from 'node:crypto';

/** As the debug id proposal of the source map specification writes it (https://github.com/tc39/ecma426/blob/main/proposals/debug-id.md). */
const COMMENT = /^\/\/# debugId=([0-9a-f-]{36})\s*$/gim;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** The line that our snippet begins with: it is put in once. */
const MARK = '/*unhinged-debug-id*/';
/** A hashbang must stay first, and directives come before any statement. */
const HEAD = /^(?:#![^\n]*\n)?/;
const DIRECTIVES = /^(?:\s*(?:"use [a-z ]+"|'use [a-z ]+')\s*;)+/;

/** A source map, as far as it matters here. */
export interface SourceMapJson {
  version: number;
  mappings: string;
  sources: (string | null)[];
  names?: string[];
  sourceRoot?: string;
  debugId?: string;
  debug_id?: string;
  [key: string]: unknown;
}

export interface Injected {
  debugId: string;
  code: string;
  map: SourceMapJson;
  /** False when both had it already. */
  changed: boolean;
}

/**
 * Gives a file and its map one debug id: the one they have, of a bundler or of us, else a UUID made of their content, so that the same
 * build has the same ids. The file then registers its id when it runs, under the stack that names the file: that is how a page knows
 * the ids of the files in a stack. Injecting again changes nothing.
 */
export function injectDebugId(code: string, map: SourceMapJson): Injected {
  const known = knownId(code, map);
  const debugId = known ?? contentId(code, map);
  const registers = code.includes(MARK);
  if (registers && known !== undefined && map.debugId === debugId)
    return { debugId, code, map, changed: false };
  const commented = withComment(code, debugId);
  if (registers) return { debugId, code: commented, map: { ...map, debugId }, changed: true };
  const head = HEAD.exec(commented)?.[0] ?? '';
  const body = commented.slice(head.length);
  // The file's own directives count only where they come first, so they are said before ours too.
  const directives = DIRECTIVES.exec(body)?.[0].trim() ?? '';
  return {
    debugId,
    code: `${head}${directives}${snippet(debugId)}\n${body}`,
    // One line more: of the map every line is one line further.
    map: { ...map, mappings: shifted(map.mappings, head === '' ? 0 : 1), debugId },
    changed: true,
  };
}

/** Registers the id under a stack whose first place is the file. It must never disturb the file. */
const snippet = (debugId: string): string =>
  `${MARK}!function(){try{var s=new Error().stack;if(s)(globalThis._unhingedDebugIds=globalThis._unhingedDebugIds||{})[s]="${debugId}"}catch(e){}}();`;

function knownId(code: string, map: SourceMapJson): string | undefined {
  const comment = [...code.matchAll(COMMENT)].at(-1)?.[1]?.toLowerCase();
  const own = [map.debugId, map.debug_id, comment].map((id) =>
    typeof id === 'string' ? id.toLowerCase() : '',
  );
  return own.find((id) => UUID.test(id));
}

/** UUID of version 8 (RFC 9562 §5.8): of SHA-256. */
function contentId(code: string, map: SourceMapJson): string {
  const hash = createHash('sha256')
    .update(code)
    .update('\0')
    .update(map.mappings)
    .update(JSON.stringify(map.sources));
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The comment goes before `sourceMappingURL`, which tools look for in the last line. */
function withComment(code: string, debugId: string): string {
  const clean = code.replace(COMMENT, '').replace(/\n+$/, '\n');
  const line = `//# debugId=${debugId}\n`;
  const at = clean.lastIndexOf('\n//# sourceMappingURL=');
  if (at >= 0) return `${clean.slice(0, at + 1)}${line}${clean.slice(at + 1)}`;
  return `${clean}${clean.endsWith('\n') ? '' : '\n'}${line}`;
}

/** Mappings with an empty line put in before line `at`. */
function shifted(mappings: string, at: 0 | 1): string {
  if (at === 0) return `;${mappings}`;
  const end = mappings.indexOf(';');
  return end < 0 ? `${mappings};` : `${mappings.slice(0, end)};${mappings.slice(end)}`;
}
