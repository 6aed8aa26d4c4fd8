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

/**
 * @param {{ port?: number, dir?: string, advertise?: number, secure?: { user: string, password: string } }} options port 0 or none:
 *   a free one; an existing `dir` keeps its topics; `advertise`: the port that clients are sent to, of a proxy in between; `secure`: two
 *   more listeners, `saslPort` (SASL/PLAIN) and `tlsPort` (TLS with SASL/SCRAM-SHA-512), and `ca`, the certificate to trust, PEM
 */
export async function start({ port = 0, dir, advertise, secure } = {}) {
  const classes = await cached(`kafka-${VERSION}-class-archive`, archiveClasses);
  return startBroker(`-XX:SharedArchiveFile=${join(classes, ARCHIVE)}`, { port, dir, advertise, secure });
}

async function startBroker(jvmOption, { port = 0, dir, advertise, secure }) {
  const broker = port === 0 ? await freePort() : port;
  const controller = await freePort();
  const folder = dataFolder('kafka', dir);
  try {
    const security = secure && (await securityOf(folder.path, secure));
    const { program, args, cwd, isReady } = await prepare({
      ...{ dir: folder.path, ports: { broker, controller }, advertise, security, jvmOptions: [jvmOption] },
    });
    const child = await startChild(program, args, { cwd, isReady });
    return {
      port: broker,
      pid: child.pid,
      ...security?.ports,
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

/** The folder of its artifacts. */
export const installKafka = () => cached(`kafka-${VERSION}`, fetchArtifacts);

/** What to run for a broker whose topics are in `dir`, an existing folder. */
export async function prepare({ dir, ports, advertise, security, jvmOptions = [] }) {
  const files = await installKafka();
  const libs = `${files}/libs/*`;
  const file = join(dir, 'server.properties');
  const logging = join(dir, 'log4j2.properties');
  const data = join(dir, 'data');
  writeFileSync(logging, LOGGING);
  writeFileSync(file, properties({ ports, advertise, data, security }));
  mkdirSync(data, { recursive: true });
  // Once: it takes as long as the start itself, and a folder that was used before has it.
  if (!existsSync(join(data, 'meta.properties'))) {
    run('java', [
      ...['-XX:TieredStopAtLevel=1', '-cp', libs, 'kafka.tools.StorageTool', 'format'],
      ...['-t', 'dW5oaW5nZWQtdGVzdHMtMQ', '-c', file, ...(security?.format ?? [])],
    ]);
  }
  return {
    program: 'java',
    args: [
      ...['-Xmx512m', '-XX:TieredStopAtLevel=1', `-Dlog4j2.configurationFile=${logging}`, ...jvmOptions],
      ...['-cp', libs, 'kafka.Kafka', file],
    ],
    cwd: dir,
    isReady: (output) => output.includes('Kafka Server started'),
  };
}

const ARCHIVE = 'classes.jsa';

/** The loaded classes of a broker, which the JVM then maps instead of loading them: it starts in half the time. */
async function archiveClasses(folder) {
  const broker = await startBroker(`-XX:ArchiveClassesAtExit=${join(folder, ARCHIVE)}`, {});
  await broker.stop();
}

/** Certificate, ports and settings of the two listeners that ask who one is. */
async function securityOf(folder, { user, password }) {
  const [saslPort, tlsPort] = [await freePort(), await freePort()];
  const store = join(folder, 'broker.p12');
  const keystore = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', 'changeit'];
  run('keytool', [
    ...['-genkeypair', '-alias', 'broker', '-keyalg', 'EC', '-validity', '30', '-dname', 'CN=localhost'],
    ...['-ext', 'san=ip:127.0.0.1,dns:localhost', ...keystore],
  ]);
  const ca = run('keytool', ['-exportcert', '-rfc', '-alias', 'broker', ...keystore]);
  return {
    ports: { saslPort, tlsPort, ca },
    format: ['--add-scram', `SCRAM-SHA-512=[name=${user},password=${password}]`],
    listeners: [
      ['SASL', 'SASL_PLAINTEXT', saslPort],
      ['TLS', 'SASL_SSL', tlsPort],
    ],
    settings: `listener.name.sasl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${user}="${password}";
listener.name.tls.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.tls.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.tls.ssl.keystore.location=${store}
listener.name.tls.ssl.keystore.type=PKCS12
listener.name.tls.ssl.keystore.password=changeit
`,
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
}

// Only what says that something is wrong, and the line "Kafka Server started": in the midst of a thousand others it would be missed.
const LOGGING = `rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.started.name = kafka.server.KafkaRaftServer
logger.started.level = info
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %p %m%n
`;

function properties({ ports, advertise = ports.broker, data, security }) {
  const { broker, controller } = ports;
  const listeners = [['PLAINTEXT', 'PLAINTEXT', broker], ...(security?.listeners ?? [])];
  const all = [...listeners, ['CONTROLLER', 'PLAINTEXT', controller]];
  const addresses = (list) => list.map(([name, , at]) => `${name}://127.0.0.1:${at}`).join(',');
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=${addresses(all)}
advertised.listeners=${addresses(listeners).replace(`:${broker}`, `:${advertise}`)}
listener.security.protocol.map=${all.map(([name, protocol]) => `${name}:${protocol}`).join(',')}
controller.listener.names=CONTROLLER
log.dirs=${data}
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=2000
${security?.settings ?? ''}`;
}

function run(program, args, options) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (error) throw new Error(`${program} is needed for Kafka (${error.message})`);
  if (status !== 0) throw new Error(`${program} failed: ${(stdout + stderr).trim().slice(-1_000)}`);
  return stdout;
}

await runAsCommand(import.meta.url, 'kafka', start);
