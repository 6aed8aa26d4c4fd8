import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test, removed when it ends. */
export function testFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'unhinged-lake-'));
  folders.push(dir);
  return dir;
}

const folders: string[] = [];
afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
});
