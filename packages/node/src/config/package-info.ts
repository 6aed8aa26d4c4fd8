import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Name and version of the package.json nearest above the program's main file, or above the working folder. */
export function packageInfo(main: string | undefined, cwd: string): { name?: string; version?: string } {
  let folder = main === undefined ? cwd : dirname(main);
  for (;;) {
    try {
      const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (typeof content === 'object' && content !== null) {
        const { name, version } = content as { name?: unknown; version?: unknown };
        // A package.json that only says { "type": "module" } names nobody: keep looking above it.
        if (typeof name === 'string') return { name, ...(typeof version === 'string' && { version }) };
      }
    } catch {
      // Absent or unreadable: look one folder higher.
    }
    const parent = dirname(folder);
    if (parent === folder) return {};
    folder = parent;
  }
}
