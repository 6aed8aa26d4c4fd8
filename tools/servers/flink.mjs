// A Flink cluster in two processes that runs our job, from Flink's Python wheels, which hold the whole distribution. Needs Java 17, Maven and pip.
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import kafkajs from 'kafkajs';

import { cached } from './lib/cache.mjs';
import { answers } from './lib/child.mjs';
import { installFlinkJob, JOB_CLASS, jobArguments } from './lib/flink-job.mjs';
import { docker } from './lib/folder.mjs';
import { command } from './lib/go.mjs';
import { s3Credentials } from './s3.mjs';

const VERSION = '2.1.3';
/** The newest on Maven Central. */
const S3_VERSION = '2.1.1';

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

/** The folder of Flink's file system for S3, which the wheels lack. */
export const installS3Plugin = () =>
  cached(`flink-s3-${S3_VERSION}`, async (partial) => {
    const artifact = `org.apache.flink:flink-s3-fs-hadoop:${S3_VERSION}`;
    await command('mvn', [
      '-q',
      '-B',
      'dependency:copy',
      `-Dartifact=${artifact}`,
      `-DoutputDirectory=${partial}`,
    ]);
  });

/** The job manager, whose only job is ours. It begins where the newest checkpoint left off. */
export async function prepareJobManager(of) {
  const broker = `127.0.0.1:${of.port('kafka', 'broker')}`;
  await createTopics(broker);
  const jar = await installFlinkJob();
  return prepare(
    of,
    'standalone-job.sh',
    [
      // In this order: what follows --jars are jars, up to the next option that Flink knows.
      ...['--jars', jar, '--job-classname', JOB_CLASS],
      ...jobArguments({ brokers: broker, lake: 's3://unhinged-data-lake/observability/' }),
      '--start-from=latest-checkpoint',
    ],
    () => answers(`http://127.0.0.1:${of.ports.rest}/jobs/overview`),
  );
}

/** A task manager with six slots; ready when every task of the job runs. */
export const prepareTaskManager = (of) =>
  prepare(of, 'taskmanager.sh', [], async () => {
    if (!(await answers(`http://127.0.0.1:${of.ports.metrics}/metrics`))) return false;
    // While the job starts anew an answer may never come.
    const url = `http://127.0.0.1:${of.port('flink-jobmanager', 'rest')}/jobs/overview`;
    const { jobs = [] } = await fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.json(),
      () => ({}),
    );
    return jobs.some(({ state, tasks }) => state === 'RUNNING' && tasks.running === tasks.total);
  });

async function prepare({ dir, ports, port, env }, script, args, isReady) {
  const home = await installFlink();
  // The scripts find their configuration beside them or here; the cache is shared and stays as it is.
  const conf = join(dir, 'conf');
  const logs = join(dir, 'logs');
  const plugins = join(dir, 'plugins');
  rmSync(plugins, { recursive: true, force: true });
  for (const folder of [conf, logs, plugins]) mkdirSync(folder, { recursive: true });
  cpSync(join(home, 'conf'), conf, { recursive: true });
  writeFileSync(join(conf, 'config.yaml'), settings({ ports, port, env, dir }));
  symlinkSync(join(home, 'plugins', 'metrics-prometheus'), join(plugins, 'metrics-prometheus'));
  symlinkSync(await installS3Plugin(), join(plugins, 's3'));
  return {
    program: 'bash',
    args: [join(home, 'bin', script), 'start-foreground', ...args],
    cwd: dir,
    env: {
      ...env,
      FLINK_HOME: home,
      FLINK_CONF_DIR: conf,
      FLINK_LOG_DIR: logs,
      FLINK_PLUGINS_DIR: plugins,
      JAVA_TOOL_OPTIONS: '',
    },
    isReady,
  };
}

/** Those of docker/flink/config.yaml, with the addresses of this machine. */
function settings({ ports, port, env, dir }) {
  const lines = readFileSync(docker('flink/config.yaml'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const shared = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s)));
  const { accessKey, secretKey } = s3Credentials(env);
  const own = {
    'jobmanager.rpc.address': '127.0.0.1',
    'jobmanager.rpc.port': port('flink-jobmanager', 'rpc'),
    'jobmanager.bind-host': '127.0.0.1',
    'taskmanager.host': '127.0.0.1',
    // One that comes back is known for the one that was killed, whose tasks are then started anew at once.
    'taskmanager.resource-id': 'taskmanager',
    'taskmanager.bind-host': '127.0.0.1',
    'rest.address': '127.0.0.1',
    'rest.bind-address': '127.0.0.1',
    'rest.port': port('flink-jobmanager', 'rest'),
    'io.tmp.dirs': join(dir, 'tmp'),
    'user.artifacts.base-dir': join(dir, 'artifacts'),
    's3.endpoint': `http://127.0.0.1:${port('s3', 'http')}`,
    's3.path.style.access': true,
    's3.access-key': accessKey,
    's3.secret-key': secretKey,
    'metrics.reporter.prom.port': ports.metrics,
    // Here it shall start soon, and notice soon who is gone, rather than run fast for long.
    'env.java.opts.all': `${shared['env.java.opts.all']} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC`,
    'heartbeat.interval': '2s',
    ...(env.FLINK_PARALLELISM && { 'parallelism.default': env.FLINK_PARALLELISM }),
    ...(env.FLINK_CHECKPOINT_INTERVAL && {
      'execution.checkpointing.interval': env.FLINK_CHECKPOINT_INTERVAL,
      'execution.checkpointing.min-pause': '0s',
    }),
  };
  return Object.entries({ ...shared, ...own })
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

/** As docker/kafka/topics.sh does in Compose. */
async function createTopics(broker) {
  const names = ['traces', 'metrics', 'logs', 'lake', 'aggregates', 'dlq'].map(
    (name) => `observability.${name}`,
  );
  const admin = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const there = await admin.listTopics();
    const missing = names.filter((name) => !there.includes(name));
    await admin.createTopics({
      topics: missing.map((topic) => ({ topic, numPartitions: 6 })),
      waitForLeaders: true,
    });
  } finally {
    await admin.disconnect();
  }
}
