// A Collector with a configuration of the test's own.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { installCollector } from '../../servers/collector.mjs';
import { freePort, startChild } from '../../servers/lib/child.mjs';
import { dataFolder } from '../../servers/lib/folder.mjs';

/** Takes OTLP over HTTP and writes it to Kafka as OTLP, as the deployment does. */
export async function startKafkaCollector(brokers) {
  const program = await installCollector();
  const folder = dataFolder('collector');
  const port = await freePort();
  const topic = (signal) => `${signal}: { topic: observability.${signal}, encoding: otlp_proto }`;
  const pipeline = (signal) => `${signal}: { receivers: [otlp], exporters: [kafka] }`;
  const file = join(folder.path, 'config.yaml');
  writeFileSync(
    file,
    `receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters:
  kafka:
    brokers: ${JSON.stringify(brokers)}
    ${topic('traces')}
    ${topic('metrics')}
    ${topic('logs')}
    partition_traces_by_id: true
    producer: { compression: snappy, required_acks: -1 }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    ${pipeline('traces')}
    ${pipeline('metrics')}
    ${pipeline('logs')}
`,
  );
  try {
    const child = await startChild(program, ['--config', file], {
      isReady: (output) => output.includes('Everything is ready'),
    });
    return {
      url: `http://127.0.0.1:${port}`,
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
