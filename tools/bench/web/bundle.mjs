// Bundles a page as its authors would, with esbuild, and says what a visitor downloads.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
/** The peers have a folder and a lock file of their own: they bring other copies of OpenTelemetry. */
export const peers = fileURLToPath(new URL('../peers', import.meta.url));

/** Installs the peers once. */
export function installPeers() {
  if (existsSync(`${peers}/node_modules/@sentry/browser`)) return;
  console.log('▸ installing the peers (npm ci in tools/bench/peers)');
  const { status, stderr } = spawnSync('npm', ['ci', '--no-progress', '--workspaces=false'], {
    cwd: peers,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm ci in tools/bench/peers failed: ${stderr.slice(-2000)}`);
}

/**
 * The files of a page, by name; the first is the script to load, the others are loaded when they are needed.
 * `define` replaces names in the sources, `source` takes our packages from their sources instead of their builds.
 */
export async function bundle(
  code,
  { from = here, target = 'es2022', source = false, define = {}, format = 'esm', external = [] } = {},
) {
  const result = await build({
    stdin: { contents: code, resolveDir: from, loader: 'js', sourcefile: 'page.js' },
    bundle: true,
    minify: true,
    splitting: format === 'esm',
    format,
    platform: 'browser',
    target,
    // Naming any condition takes away esbuild's own default `module`.
    conditions: source ? ['@unhinged/source', 'module'] : ['module'],
    define,
    external,
    entryNames: 'page',
    outdir: '/',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const files = result.outputFiles.map(({ path, contents }) => ({ path, contents }));
  const entry = files.findIndex(({ path }) => path === '/page.js');
  files.unshift(...files.splice(entry, 1));
  return { files, metafile: result.metafile };
}

/** Bytes after gzip: of what every visitor loads at once (`initial`), and with all that the page may load later (`total`). */
export async function sizeOf(code, options) {
  const { files, metafile } = await bundle(code, options);
  const gzipped = new Map(files.map(({ path, contents }) => [path, gzipSync(contents, { level: 9 }).length]));
  const name = (path) => `/${path.replace(/^.*\//, '')}`;
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [name(path), output]));
  // A chunk that nothing reaches is written all the same, but nobody loads it.
  const reached = (kinds) => {
    const paths = new Set(['/page.js']);
    for (const path of paths) {
      for (const found of outputs.get(path)?.imports ?? [])
        if (kinds.includes(found.kind)) paths.add(name(found.path));
    }
    return [...paths].reduce((sum, path) => sum + (gzipped.get(path) ?? 0), 0);
  };
  return { initial: reached(['import-statement']), total: reached(['import-statement', 'dynamic-import']) };
}
