import { rename, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { Command } from 'commander';
import { Failure, messageOf } from '../failure.js';
import { httpUrl } from '../options.js';
import { injectDebugId } from '../sourcemaps/debug-id.js';
import { findBundles, type Bundle } from '../sourcemaps/find-bundles.js';
import { uploadMap } from '../sourcemaps/upload-map.js';

interface UploadOptions {
  endpoint: string;
  json?: boolean;
  dryRun?: boolean;
}

/** What became of one file. */
interface Outcome {
  file: string;
  debugId: string;
  /** `injected`: the id is new in it; `kept`: it had the id. */
  id: 'injected' | 'kept';
  uploaded: boolean;
}

export function sourcemapsCommand(): Command {
  const command = new Command('sourcemaps').description(
    'Source maps of a build, so that stacks name its sources.',
  );
  command
    .command('upload')
    .description('Give every built file and its map one debug id, and send the maps to the bridge.')
    .argument('<dist>', 'folder that the build writes to; its files are changed')
    .option('--endpoint <url>', 'console of the bridge', httpUrl, 'http://127.0.0.1:4319')
    .option('--dry-run', 'change nothing and send nothing, only say what would be done')
    .option('--json', 'one JSON object a file')
    .addHelpText(
      'after',
      `
Run it after the build and before the files are deployed: it puts a line into each that tells the page its debug id. Running it
again changes nothing. Sources are not sent. A bridge on another machine wants UNHINGED_UPLOAD_TOKEN, the same there and here.
Exit codes: 0 done, 1 the bridge does not take them, 2 the folder or a map in it cannot be read.

Examples:
  $ unhinged sourcemaps upload dist
  $ unhinged sourcemaps upload dist --dry-run --json
  $ UNHINGED_UPLOAD_TOKEN=… unhinged sourcemaps upload dist --endpoint https://observe.example.com`,
    )
    .action(upload);
  return command;
}

async function upload(dist: string, options: UploadOptions): Promise<void> {
  const { bundles, without } = await findBundles(dist);
  if (bundles.length === 0) {
    throw new Failure(
      2,
      `${dist} has no built file with a source map. Turn them on in the build (Vite: build.sourcemap).`,
    );
  }
  const token = process.env['UNHINGED_UPLOAD_TOKEN'];
  for (const bundle of bundles) {
    const { debugId, code, map, changed } = injectDebugId(bundle.code, bundle.map);
    if (!options.dryRun) {
      if (changed) await write(bundle, code, JSON.stringify(map));
      await uploadMap(options.endpoint, debugId, map, { mapPath: bundle.mapPath, token });
    }
    print(
      {
        file: relative(process.cwd(), bundle.codePath),
        debugId,
        id: changed ? 'injected' : 'kept',
        uploaded: !options.dryRun,
      },
      options,
    );
  }
  if (options.json) return;
  for (const file of without) console.error(`${relative(process.cwd(), file)} has no source map.`);
}

/** The map first: a file whose map is behind would show wrong places. Each whole or not at all. */
async function write({ codePath, mapPath }: Bundle, code: string, map: string): Promise<void> {
  try {
    for (const [path, text] of [
      [mapPath, map],
      [codePath, code],
    ] as const) {
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    }
  } catch (cause) {
    throw new Failure(1, `Cannot write ${codePath}: ${messageOf(cause)}`, { cause });
  }
}

function print(outcome: Outcome, { json, dryRun }: UploadOptions): void {
  if (json) console.log(JSON.stringify(outcome));
  else
    console.log(
      `${outcome.debugId}  ${outcome.id.padEnd(8)}  ${dryRun ? 'not sent' : 'uploaded'}  ${outcome.file}`,
    );
}
