// The job of packages/jvm/flink: its jar, and the arguments that it gets wherever it runs.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../lib/run.mjs';
import { cached } from './cache.mjs';
import { command } from './go.mjs';

const PROJECT = 'packages/jvm/flink';
const SOURCES = [`${PROJECT}/pom.xml`, `${PROJECT}/src/main`, 'proto/unhinged', 'proto/opentelemetry'];
const COLUMNS = 'packages/lake/vectors/tables.tsv';

export const JOB_CLASS = 'ai.unhinged.observability.flink.ObservabilityJob';

/** The path of the jar, built by Maven once for each state of the sources. */
export async function installFlinkJob() {
  const hash = createHash('sha256');
  for (const file of [...SOURCES, COLUMNS].flatMap(filesOf))
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  const folder = await cached(`flink-job-${hash.digest('hex').slice(0, 8)}`, async (partial) => {
    const maven = ['-q', '-B', '-f', join(root, PROJECT, 'pom.xml'), 'package', '-DskipTests'];
    await command('nice', ['-n', '19', 'mvn', ...maven]);
    const target = join(root, PROJECT, 'target');
    const jar = readdirSync(target).find((file) => /^observability-flink-.*\.jar$/.test(file));
    cpSync(join(target, jar), join(partial, 'observability-flink.jar'));
  });
  return join(folder, 'observability-flink.jar');
}

/** In Compose, in Kubernetes and here; `start-from` is for clusters that nobody else restores. */
export const jobArguments = ({ brokers, lake }) => [
  `--kafka.bootstrap.servers=${brokers}`,
  '--kafka.group.id=observability-processor',
  '--kafka.topics=observability.traces,observability.metrics,observability.logs,observability.lake',
  `--data-lake.path=${lake}`,
  '--data-lake.format=parquet',
];

function filesOf(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path), { recursive: true })
    .map((name) => join(path, name))
    .filter((file) => statSync(join(root, file)).isFile())
    .sort();
}
