/** Attribute beside a stack: the debug ids of its files, each `<id> <file>`; the bridge finds their source maps by it. */
export const ATTR_DEBUG_IDS = 'unhinged.debug_ids';

/** By the stack that a file left when it ran; its first place is the file. */
type Registered = Readonly<Record<string, string>>;

declare global {
  /** Filled by the line that `unhinged sourcemaps upload` puts into built files. */
  var _unhingedDebugIds: Registered | undefined;
  /** Filled by bundlers that register debug ids themselves. */
  var _debugIds: Registered | undefined;
}

const PLACE = /(?:https?|file|capacitor|app|chrome-extension):\/\/[^\s()]+?(?=:\d+:\d+)/g;
/** Of a page with more files nobody needs more. */
const MAX_IDS = 32;

let known = 0;
const files = new Map<string, string>();

/** Ids of the files in a stack, as the attribute has them; empty when none of them registered one. */
export function debugIdsOf(stack: string, shown: (url: string) => string): string[] {
  learn();
  if (files.size === 0) return [];
  const found = new Set<string>();
  for (const [file] of stack.matchAll(PLACE)) {
    const id = files.get(file);
    if (id !== undefined && found.size < MAX_IDS) found.add(`${id} ${shown(file)}`);
  }
  return [...found];
}

/** Files register when they are loaded, also lazily: looked at again when there are more. */
function learn(): void {
  const entries = [globalThis._unhingedDebugIds, globalThis._debugIds].flatMap((map) =>
    Object.entries(map ?? {}),
  );
  if (entries.length === known) return;
  known = entries.length;
  for (const [stack, id] of entries) {
    const [file] = stack.match(PLACE) ?? [];
    if (file !== undefined) files.set(file, id);
  }
}
