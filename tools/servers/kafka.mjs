// A real Kafka broker (KRaft, one node) on 127.0.0.1, from its Maven artifacts. Needs Java 17 and Maven.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cached } from './lib/cache.mjs';
import { freePort, startChild } from './lib/child.mjs';
import { runAsCommand } from './lib/cli.mjs';
import { dataFolder } from './lib/folder.mjs';

const VERSION = '4.2.0';
const ARTIFACTS = [
  ['org.apache.kafka', 'kafka_2.13', VERSION],
  ['org.apache.kafka', 'kafka-tools', VERSION],
  // slf4j-simple 2 does not bind: the API is 1.7.
  ['org.apache.logging.log4j', 'log4j-slf4j-impl', '2.25.3'],
];

/** @param {{ port?: number, dir?: string }} options port 0 or none: a free one; an existing `dir` keeps its topics */
export async function start({ port = 0, dir } = {}) {
  const chosen = port === 0 ? await freePort() : port;
  const controller = await freePort();
  const folder = dataFolder('kafka', dir);
  try {
    const { program, args, cwd, isReady } = await prepare({
      dir: folder.path,
      ports: { broker: chosen, controller },
    });
    const child = await startChild(program, args, { cwd, isReady });
    return {
      port: chosen,
      pid: child.pid,
      stop: async () => {
        await child.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/** What to run for a broker whose topics are in `dir`, an existing folder. */
export async function prepare({ dir, ports }) {
  const files = await cached(`kafka-${VERSION}`, fetchArtifacts);
  // The folder itself is for log4j2.properties: the star takes jars only.
  const libs = `${files}/libs/*:${files}/libs`;
  const file = join(dir, 'server.properties');
  writeFileSync(file, properties(ports.broker, ports.controller, join(dir, 'data')));
  mkdirSync(join(dir, 'data'), { recursive: true });
  // Once: it takes as long as the start itself, and a folder that was used before has it.
  if (!existsSync(join(dir, 'data', 'meta.properties'))) {
    run('java', [
      ...['-XX:TieredStopAtLevel=1', '-cp', libs, 'kafka.tools.StorageTool', 'format'],
      ...['-t', 'dW5oaW5nZWQtdGVzdHMtMQ', '-c', file],
    ]);
  }
  return {
    program: 'java',
    args: ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-cp', libs, 'kafka.Kafka', file],
    cwd: dir,
    isReady: (output) => output.includes('Kafka Server started'),
  };
}

function fetchArtifacts(folder) {
  const dependencies = ARTIFACTS.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  writeFileSync(
    join(folder, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion><groupId>unhinged</groupId><artifactId>kafka</artifactId>` +
      `<version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`,
  );
  run(
    'mvn',
    ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=libs'],
    {
      cwd: folder,
    },
  );
  writeFileSync(join(folder, 'libs', 'log4j2.properties'), LOGGING);
}

// The line "Kafka Server started" comes by the log.
const LOGGING = `rootLogger.level = info
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %p %m%n
`;

function properties(port, controller, data) {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=${data}
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
`;
}

function run(program, args, options) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (error) throw new Error(`${program} is needed for Kafka (${error.message})`);
  if (status !== 0) throw new Error(`${program} failed: ${(stdout + stderr).trim().slice(-1_000)}`);
}

await runAsCommand(import.meta.url, 'kafka', start);
