import { readFileSync } from 'node:fs';

/** Version of this package. The file lies one folder up both for sources and for `dist`. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
