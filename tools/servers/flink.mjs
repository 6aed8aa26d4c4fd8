// A Flink cluster in two processes, from its Python wheels, which hold the whole distribution. Needs Java 17 and pip.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cached } from './lib/cache.mjs';
import { answers } from './lib/child.mjs';
import { command } from './lib/go.mjs';

const VERSION = '2.1.3';

/** FLINK_HOME. */
export async function installFlink() {
  const folder = await cached(`flink-${VERSION}`, async (partial) => {
    await command('python3', [
      ...['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', partial],
      ...[`apache-flink==${VERSION}`, `apache-flink-libraries==${VERSION}`],
    ]);
  });
  return join(folder, 'pyflink');
}

/** The job manager. */
export const prepareJobManager = (of) =>
  prepare(of, 'jobmanager', () => answers(`http://127.0.0.1:${of.ports.rest}/config`));

/** A task manager with six slots; ready when the job manager knows them. */
export const prepareTaskManager = (of) =>
  prepare(of, 'taskmanager', async () => {
    const response = await fetch(`http://127.0.0.1:${of.port('flink-jobmanager', 'rest')}/overview`);
    return (await response.json())['slots-total'] > 0;
  });

async function prepare({ dir, port, env }, script, isReady) {
  const home = await installFlink();
  // The scripts find their configuration beside them or here; the cache is shared and stays as it is.
  const conf = join(dir, 'conf');
  const logs = join(dir, 'logs');
  for (const folder of [conf, logs]) mkdirSync(folder, { recursive: true });
  cpSync(join(home, 'conf'), conf, { recursive: true });
  writeFileSync(join(conf, 'config.yaml'), settings(port));
  return {
    program: 'bash',
    args: [join(home, 'bin', `${script}.sh`), 'start-foreground'],
    cwd: dir,
    env: {
      ...env,
      FLINK_HOME: home,
      FLINK_CONF_DIR: conf,
      FLINK_LOG_DIR: logs,
      JAVA_TOOL_OPTIONS: '',
    },
    isReady,
  };
}

const settings = (port) => `jobmanager:
  rpc: { address: 127.0.0.1, port: ${port('flink-jobmanager', 'rpc')} }
  bind-host: 127.0.0.1
  memory: { process: { size: 1024m } }
taskmanager:
  bind-host: 127.0.0.1
  host: 127.0.0.1
  numberOfTaskSlots: 6
  memory: { process: { size: 2048m } }
rest: { address: 127.0.0.1, bind-address: 127.0.0.1, port: ${port('flink-jobmanager', 'rest')} }
parallelism: { default: 6 }
execution: { checkpointing: { interval: 60s, min-pause: 30s } }
state: { backend: { type: rocksdb } }
`;
