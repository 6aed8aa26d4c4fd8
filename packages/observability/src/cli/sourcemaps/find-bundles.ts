import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Failure, messageOf } from '../failure.js';
import type { SourceMapJson } from './debug-id.js';

/** A built file and its map. */
export interface Bundle {
  codePath: string;
  mapPath: string;
  code: string;
  map: SourceMapJson;
}

const CODE = /\.[cm]?js$/;

/**
 * Every .js, .mjs and .cjs of a folder with the map it names in `sourceMappingURL`, or that lies beside it. Files without one are
 * not here.
 *
 * @throws Failure when the folder cannot be read, or a map is none.
 */
export async function findBundles(dir: string): Promise<{ bundles: Bundle[]; without: string[] }> {
  const names = await list(dir);
  const bundles: Bundle[] = [];
  const without: string[] = [];
  for (const name of names.filter((name) => CODE.test(name)).sort()) {
    const codePath = join(dir, name);
    const code = await readFile(codePath, 'utf8');
    const mapPath = mapPathOf(codePath, code, dir);
    const text = mapPath === undefined ? undefined : await readFile(mapPath, 'utf8').catch(() => undefined);
    if (mapPath === undefined || text === undefined) without.push(codePath);
    else bundles.push({ codePath, mapPath, code, map: parse(mapPath, text) });
  }
  return { bundles, without };
}

async function list(dir: string): Promise<string[]> {
  try {
    if (!(await stat(dir)).isDirectory()) throw new Error('it is not a folder');
    const names = await readdir(dir, { recursive: true });
    return names.filter((name) => !name.split(sep).includes('node_modules'));
  } catch (cause) {
    throw new Failure(
      2,
      `Cannot read ${dir}: ${messageOf(cause)}. Give the folder that the build writes to.`,
      { cause },
    );
  }
}

/** Inside the folder: a build never names a map elsewhere on disk. Undefined for a map in the file itself, or on the web. */
function mapPathOf(codePath: string, code: string, dir: string): string | undefined {
  const url = [...code.matchAll(/^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1];
  if (url === undefined) return `${codePath}.map`;
  if (/^[a-z][a-z\d+.-]*:/i.test(url)) return undefined;
  const path = resolve(dirname(codePath), decodeURIComponent(url));
  return relative(resolve(dir), path).startsWith('..') ? undefined : path;
}

function parse(path: string, text: string): SourceMapJson {
  try {
    const map = JSON.parse(text) as Partial<SourceMapJson>;
    if (map.version === 3 && typeof map.mappings === 'string' && Array.isArray(map.sources)) {
      return map as SourceMapJson;
    }
    throw new Error('expected version 3 with mappings and sources');
  } catch (cause) {
    throw new Failure(2, `${path} is not a source map: ${messageOf(cause)}.`, { cause });
  }
}
