// `node tools/servers/install.mjs`: builds or fetches every server that `npm run e2e` needs and that is not in the cache yet.
import { fileURLToPath } from 'node:url';

import { installCrds, installValidator } from '../check-docker/kubernetes.mjs';
import { installLoader } from '../check-docker/loader.mjs';
import { installAlertmanager } from './alertmanager.mjs';
import { installCollector } from './collector.mjs';
import { installFlink, installS3Plugin } from './flink.mjs';
import { installJaeger } from './jaeger.mjs';
import { installKafka } from './kafka.mjs';
import { installFlinkJob } from './lib/flink-job.mjs';
import { installPrometheus } from './prometheus.mjs';
import { installS3 } from './s3.mjs';

const servers = {
  Kafka: installKafka,
  Collector: installCollector,
  Prometheus: installPrometheus,
  Alertmanager: installAlertmanager,
  Jaeger: installJaeger,
  'S3 server': installS3,
  Flink: installFlink,
  "Flink's S3 plugin": installS3Plugin,
  'stream job': installFlinkJob,
  'loader of Compose and Kustomize files': installLoader,
  'kubectl-validate': installValidator,
  'definitions of the Kubernetes operators': installCrds,
};

/** One after the other: a build takes every core by itself. */
export async function installServers() {
  for (const [name, install] of Object.entries(servers)) {
    const begun = Date.now();
    await install();
    console.error(`  ${name}: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installServers();
