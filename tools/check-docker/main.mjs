// Loads every file of docker/ with the program or the schema that it is for: `node tools/check-docker/main.mjs`, and in `npm run e2e`.
// docker/README.md says what could not be had here.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, relative } from 'node:path';

import { alertmanagerConfig, installAlertmanager } from '../servers/alertmanager.mjs';
import { collectorArguments, installCollector } from '../servers/collector.mjs';
import { installJaeger } from '../servers/jaeger.mjs';
import { installFlink } from '../servers/flink.mjs';
import { JOB_CLASS, jobArguments } from '../servers/lib/flink-job.mjs';
import { docker } from '../servers/lib/folder.mjs';
import { command } from '../servers/lib/go.mjs';
import { installPrometheus } from '../servers/prometheus.mjs';
import { root } from '../lib/run.mjs';
import { checkKubernetes } from './kubernetes.mjs';
import { installLoader } from './loader.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'unhinged-docker-'));
/** CPUs and MiB: requested, then the limit. */
const OWNERS_TABLE = {
  'otel-collector': [0.2, 256, 0.5, 512],
  jaeger: [0.1, 512, 0.3, 1024],
  prometheus: [0.2, 1024, 1, 2048],
  grafana: [0.1, 256, 0.2, 512],
};

const checked = new Set();
let failures = 0;
const MIB = 1024 * 1024;

/** `files` of docker/ are covered by `work`, which throws when it finds something. */
async function check(what, files, work) {
  for (const file of files) checked.add(file);
  try {
    await work();
    console.log(`ok      ${what}`);
  } catch (error) {
    failures++;
    console.log(`FAILED  ${what}\n${error.message}`);
  }
}

const under = (folder, extension) =>
  readdirSync(docker(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (extension === undefined || extname(entry.name) === extension))
    .map((entry) => relative(docker('.'), join(entry.parentPath, entry.name)));

await check('collector/config.yaml: otelcol validate', ['collector/config.yaml'], async () => {
  await command(await installCollector(), ['validate', ...collectorArguments()]);
});
await check('collector/router.yaml: otelcol validate', ['collector/router.yaml'], async () => {
  await command(await installCollector(), ['validate', `--config=${docker('collector/router.yaml')}`]);
});
await check(
  'collector/s3.yaml over config.yaml: otelcol validate, its exporter replaced',
  ['collector/s3.yaml'],
  async () => {
    const settings = readFileSync(docker('collector/s3.yaml'), 'utf8');
    // The exporter cannot be had: what is checked is the pipelines that come out.
    const known = settings
      .replace(/^exporters:\n(?: .*\n|\n)+/m, 'exporters: { debug: {} }\n')
      .replaceAll('awss3', 'debug');
    const file = join(scratch, 's3.yaml');
    writeFileSync(file, known);
    await command(await installCollector(), ['validate', ...collectorArguments(), `--config=${file}`]);
  },
);
await check('jaeger/*.yaml: jaeger validate', ['jaeger/memory.yaml', 'jaeger/opensearch.yaml'], async () => {
  const env = { ...process.env, OPENSEARCH_URL: 'http://localhost:9200' };
  for (const name of ['memory', 'opensearch']) {
    await command(await installJaeger(), ['validate', '--config', docker(`jaeger/${name}.yaml`)], { env });
  }
});
const promtool = async (...args) => command(join(await installPrometheus(), 'promtool'), args);
await check(
  'prometheus.yml, its rules and targets: promtool check config',
  ['prometheus/prometheus.yml', ...under('prometheus/rules'), ...under('prometheus/targets')],
  () => promtool('check', 'config', docker('prometheus/prometheus.yml')),
);
await check('prometheus/tests: promtool test rules', under('prometheus/tests'), () =>
  promtool('test', 'rules', ...under('prometheus/tests').map(docker)),
);
await check('alertmanager.yml: amtool check-config', ['alertmanager/alertmanager.yml'], async () => {
  const file = join(scratch, 'alertmanager.yml');
  writeFileSync(file, alertmanagerConfig('http://localhost:9099/alerts'));
  await command(join(await installAlertmanager(), 'amtool'), ['check-config', file]);
});
await check('flink/config.yaml: read by Flink', ['flink/config.yaml'], async () => {
  const conf = join(scratch, 'flink');
  mkdirSync(conf);
  cpSync(docker('flink/config.yaml'), join(conf, 'config.yaml'));
  const home = await installFlink();
  const env = { ...process.env, FLINK_HOME: home, FLINK_CONF_DIR: conf, FLINK_LOG_DIR: conf };
  // What its scripts do before anything else; the names are theirs.
  const script = 'bin=${0%/*}; . "$bin/config.sh" && parseJmArgsAndExportLogs && echo "$JVM_ARGS"';
  const said = await command('bash', ['-c', script, join(home, 'bin/jobmanager.sh')], { env });
  if (!said.includes('-Xmx')) throw new Error(`no memory settings came out: ${said}`);
});
await check('Flink runs the same job with the same arguments everywhere', [], () => {
  const inside = (file) => readFileSync(docker(file), 'utf8');
  const places = {
    'docker-compose.observability.yml': 'kafka:9092',
    'kubernetes/base/flink.yaml': 'observability-kafka-bootstrap:9092',
  };
  for (const [file, brokers] of Object.entries(places)) {
    for (const part of [
      JOB_CLASS,
      ...jobArguments({ brokers, lake: 's3://unhinged-data-lake/observability/' }),
    ]) {
      if (!inside(file).includes(part)) throw new Error(`${file} lacks ${part}`);
    }
  }
});
await check('shell scripts: sh -n', under('.', '.sh'), async () => {
  for (const script of under('.', '.sh')) await command('sh', ['-n', docker(script)]);
});

const compose = async (args) =>
  JSON.parse(await command(await installLoader(), ['compose', ...args], { cwd: root }));
await check(
  'Compose files: the loader of the specification, pins, health checks, limits, mounts',
  ['docker-compose.observability.yml', 'docker-compose.light.yml', '.env'],
  async () => {
    const whole = 'docker/docker-compose.observability.yml';
    const quickStart = await compose(['docker-compose.observability.yml']);
    const { services } = await compose([whole]);
    expect(
      Object.keys(quickStart.services).sort(),
      Object.keys(services).sort(),
      'the quick start has the same services',
    );
    const { services: light } = await compose([whole, 'docker/docker-compose.light.yml']);
    for (const absent of ['opensearch', 'flink-jobmanager', 's3']) {
      if (absent in light) throw new Error(`${absent} is in the light profile`);
    }
    for (const [name, service] of Object.entries(services)) inspect(name, service);
    for (const [name, wanted] of Object.entries(OWNERS_TABLE)) {
      const { reservations, limits } = services[name].deploy.resources;
      const found = [reservations, limits].flatMap(({ cpus, memory }) => [Number(cpus), memory / MIB]);
      expect(found, wanted, `${name} has the resources of the owner's table`);
    }
    // Without the development profile every password has to be given.
    const production = join(scratch, 'production.env');
    writeFileSync(production, 'DEPLOYMENT_ENVIRONMENT=production\n');
    const refused = await compose(['--env-file', production, whole]).then(
      () => undefined,
      (error) => error,
    );
    if (!refused?.message.includes('required variable'))
      throw new Error(`it loads without passwords: ${refused}`);
  },
);

/** Compose's schema allows all of it to be absent. */
function inspect(name, { image, healthcheck, deploy, restart, volumes = [] }) {
  if (!/:v?\d+\.\d+/.test(image)) throw new Error(`${name}: ${image} is not pinned`);
  const runsOnce = restart === 'no';
  // Their images hold one program and nothing that could ask it.
  const isBare = ['otel-collector', 'jaeger', 'flink-taskmanager'].includes(name);
  if (!runsOnce && !isBare && healthcheck === undefined) throw new Error(`${name} has no health check`);
  if (!runsOnce && deploy?.resources?.limits === undefined) throw new Error(`${name} has no limits`);
  for (const { type, source } of volumes) {
    if (type === 'bind') checkMount(source);
  }
}

function checkMount(source) {
  // Compose would make an empty folder of it.
  readdirSync(join(source, '..'));
  if (!under('.').some((file) => docker(file) === source || docker(file).startsWith(`${source}/`))) {
    throw new Error(`${source} is mounted and does not exist`);
  }
}

await check(
  'Grafana: dashboards are what source/ makes, every data source and variable they name exists',
  [...under('grafana')],
  async () => {
    await command(process.execPath, [docker('grafana/source/build.mjs'), '--check']);
    const sources = readFileSync(docker('grafana/provisioning/datasources/datasources.yml'), 'utf8');
    for (const file of under('grafana/dashboards')) {
      const dashboard = JSON.parse(readFileSync(docker(file), 'utf8'));
      for (const { title, targets } of dashboard.panels) {
        for (const { datasource, expr } of targets) {
          if (!sources.includes(`uid: ${datasource.uid}\n`))
            throw new Error(`${file}: ${title}: no such data source`);
          for (const [, variable] of expr.matchAll(/\$(?!__)(\w+)/g)) {
            if (!dashboard.templating.list.some(({ name }) => name === variable)) {
              throw new Error(`${file}: ${title}: no variable ${variable}`);
            }
          }
        }
      }
    }
  },
);

await checkKubernetes({ check, under, scratch });

rmSync(scratch, { recursive: true, force: true });
// Read by a person, or by a program that is not to be had here: docker/README.md.
const prose = [
  'README.md',
  'bridge/Dockerfile',
  'collector/targets/apps.yml',
  'flink/Dockerfile',
  'kubernetes/rules.mjs',
];
const forgotten = under('.').filter((file) => !checked.has(file) && !prose.includes(file));
if (forgotten.length > 0) {
  failures++;
  console.log(`FAILED  nothing loads ${forgotten.join(', ')}`);
}
console.log(failures === 0 ? '\nEvery file of docker/ was loaded.' : `\n${failures} failed.`);
process.exitCode = failures === 0 ? 0 : 1;

function expect(found, wanted, what) {
  const [is, shouldBe] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (is !== shouldBe) throw new Error(`not true: ${what}: ${is} instead of ${shouldBe}`);
}
