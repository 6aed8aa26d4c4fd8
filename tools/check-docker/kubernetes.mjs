// The objects of both overlays against the schemas of Kubernetes and of the operators' own resources.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { cached } from '../servers/lib/cache.mjs';
import { docker } from '../servers/lib/folder.mjs';
import { command, go, goPrograms } from '../servers/lib/go.mjs';
import { installLoader } from './loader.mjs';

/** The newest that kubectl-validate brings with it. */
const KUBERNETES = '1.30';
const FLINK_OPERATOR = '1.10.0';
const PROMETHEUS_OPERATOR = 'v0.85.0';
/** Strimzi publishes its schemas nowhere that a package registry reaches. */
const WITHOUT_SCHEMA = 'kafka.strimzi.io';

/** What stands in an object after a line, indentation aside: the owner's table of resources, and his Flink deployment. */
const OWNERS = [
  [
    'StatefulSet',
    'otel-collector',
    'resources:',
    'limits: cpu: 500m memory: 512Mi requests: cpu: 200m memory: 256Mi',
  ],
  ['Deployment', 'jaeger', 'resources:', 'limits: cpu: 300m memory: 1Gi requests: cpu: 100m memory: 512Mi'],
  ['FlinkDeployment', 'observability-processor', 'jobManager:', 'resource: cpu: 1 memory: 1024m'],
  [
    'FlinkDeployment',
    'observability-processor',
    'taskManager:',
    'replicas: 3 resource: cpu: 2 memory: 2048m',
  ],
];

function checkOwnersTable(objects) {
  for (const [kind, name, line, wanted] of OWNERS) {
    const isIt = (text) => text.includes(`\nkind: ${kind}\n`) && text.includes(`\n  name: ${name}\n`);
    const object = (objects.find(isIt) ?? '').replaceAll(/\s+/g, ' ');
    if (!object.includes(`${line} ${wanted}`))
      throw new Error(`not true: ${kind} ${name}: ${line} ${wanted}`);
  }
}

export async function checkKubernetes({ check, under, scratch }) {
  await check('Kubernetes: base/rules.yaml is what rules.mjs makes', ['kubernetes/base/rules.yaml'], () =>
    command(process.execPath, [docker('kubernetes/rules.mjs'), '--check']),
  );
  const files = [
    ...under('kubernetes', '.yaml'),
    ...['collector', 'jaeger', 'grafana'].map((name) => `${name}/kustomization.yaml`),
  ];
  for (const overlay of ['development', 'production', 'production-s3']) {
    await check(`Kubernetes: ${overlay}: kustomize build, kubectl-validate`, files, async () => {
      const text = await command(await installLoader(), ['kustomize', docker(`kubernetes/${overlay}`)]);
      const objects = text.split(/^---$/m);
      const folder = join(scratch, overlay);
      mkdirSync(folder);
      objects.forEach((object, index) => {
        if (!object.includes(`apiVersion: ${WITHOUT_SCHEMA}/`))
          writeFileSync(join(folder, `${index}.yaml`), object);
      });
      await command(await installValidator(), [
        folder,
        '--version',
        KUBERNETES,
        '--local-crds',
        await crds(scratch),
      ]);
      if (overlay === 'production') checkOwnersTable(objects);
      if (overlay !== 'development' && /^kind: Secret$/m.test(text))
        throw new Error('production holds a secret');
    });
  }
}

/** The program's path. */
export const installValidator = async () =>
  join(
    await goPrograms('kubectl-validate', 'sigs.k8s.io/kubectl-validate', 'v0.0.4', ['.']),
    'kubectl-validate',
  );

/** Folders with the definitions of the operators' resources. */
export async function installCrds() {
  const flink = await cached(`flink-operator-crds-${FLINK_OPERATOR}`, async (partial) => {
    const artifact = `org.apache.flink:flink-kubernetes-operator-api:${FLINK_OPERATOR}`;
    await command('mvn', [
      ...['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`],
    ]);
    const [jar] = readdirSync(partial);
    await command('jar', ['xf', jar, 'META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml'], {
      cwd: partial,
    });
    rmSync(join(partial, jar));
  });
  const prometheus = await cached(`prometheus-operator-crds-${PROMETHEUS_OPERATOR}`, async (partial) => {
    const module = `github.com/prometheus-operator/prometheus-operator@${PROMETHEUS_OPERATOR}`;
    const { Dir } = JSON.parse(await go(['mod', 'download', '-json', module], partial));
    for (const name of ['servicemonitors', 'podmonitors', 'prometheusrules']) {
      const file = `monitoring.coreos.com_${name}.yaml`;
      await command('cp', [
        '--no-preserve=mode',
        join(Dir, 'example/prometheus-operator-crd', file),
        partial,
      ]);
    }
  });
  return { flink, prometheus };
}

/** One folder with them, for Flink 2.1. */
async function crds(scratch) {
  const { flink, prometheus } = await installCrds();
  const folder = join(scratch, 'crds');
  mkdirSync(folder, { recursive: true });
  const definition = readFileSync(
    join(flink, 'META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml'),
    'utf8',
  );
  // The newest operator that Maven Central gives ends at Flink 1.20. The one to deploy knows 2.1.
  writeFileSync(
    join(folder, 'flinkdeployments.yaml'),
    definition.replace(/^( *)- "?v1_20"?$/m, (line, indent) => `${line}\n${indent}- v2_1`),
  );
  cpSync(prometheus, folder, { recursive: true });
  return folder;
}
