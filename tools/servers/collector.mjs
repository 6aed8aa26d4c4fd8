// The OpenTelemetry Collector, built by its own builder from collector.manifest.yaml.
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached } from './lib/cache.mjs';
import { command, goEnvironment, goPrograms } from './lib/go.mjs';

const VERSION = 'v0.158.0';
const manifest = fileURLToPath(new URL('collector.manifest.yaml', import.meta.url));

/** The program's path. A change of the manifest makes another one. */
export async function installCollector() {
  const builder = await goPrograms('ocb', 'go.opentelemetry.io/collector/cmd/builder', VERSION, ['.']);
  const parts = createHash('sha256').update(readFileSync(manifest)).digest('hex').slice(0, 8);
  const folder = await cached(`collector-${VERSION}-${parts}`, async (partial) => {
    copyFileSync(manifest, join(partial, 'manifest.yaml'));
    const source = join(partial, 'source');
    await command('nice', ['-n', '19', `${builder}/builder`, '--config', 'manifest.yaml'], {
      cwd: partial,
      env: goEnvironment,
    });
    renameSync(join(source, 'otelcol'), join(partial, 'otelcol'));
    rmSync(source, { recursive: true });
  });
  return join(folder, 'otelcol');
}
