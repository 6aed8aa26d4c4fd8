// What a collector that is away costs the program: latency of a small HTTP service under a steady load, without telemetry and with it
// while the collector works, hangs or is not there. The service waits 5 ms for a store that does not exist and answers with some JSON; it is
// a process of its own, as is the collector. Variants take turns; the best of the rounds, since what else the machine does only adds.
import { fork } from 'node:child_process';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const ROUNDS = 5;
const PER_SECOND = 300;
const SECONDS = 8;

export async function measure() {
  const collector = await start('server.mjs', {});
  const hole = createServer(() => undefined);
  await new Promise((done) => hole.listen(0, '127.0.0.1', done));
  const endpoints = {
    'no telemetry': undefined,
    'collector works': `http://127.0.0.1:${collector.ports.grpc}`,
    'collector hangs': `http://127.0.0.1:${hole.address().port}`,
    'collector is not there': 'http://127.0.0.1:9',
  };
  const p99 = new Map(Object.keys(endpoints).map((name) => [name, []]));
  const memory = new Map(Object.keys(endpoints).map((name) => [name, []]));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, endpoint] of Object.entries(endpoints)) {
        const service = await start('service.mjs', endpoint ? { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } : {});
        p99.get(name).push(await load(service.port));
        const told = new Promise((resolve) => service.child.once('message', resolve));
        service.child.send('memory');
        memory.get(name).push((await told).megabytes);
        service.child.kill('SIGKILL');
      }
    }
  } finally {
    collector.child.kill();
    hole.close();
  }
  const base = Math.min(...p99.get('no telemetry'));
  return [...p99]
    .filter(([name]) => name !== 'no telemetry')
    .flatMap(([name, values]) => [
      {
        name: `p99 latency, ${name}`,
        value: Math.min(...values),
        unit: 'ms',
        peer: 'no telemetry',
        peerValue: base,
        ratio: Math.min(...values) / base,
        goal: '≤ 1.1 × no telemetry',
        met: Math.min(...values) <= 1.1 * base,
      },
      { name: `memory (RSS), ${name}`, value: median(memory.get(name)), unit: 'MB' },
    ]);
}

/** Requests at a steady rate whatever the answers do (open loop); p99 in ms, the first three seconds left out. */
async function load(port) {
  const agent = new Agent({ keepAlive: true });
  const latencies = [];
  const pending = [];
  const began = performance.now();
  for (let index = 0; index < PER_SECOND * SECONDS; index++) {
    const due = began + (index * 1_000) / PER_SECOND;
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    pending.push(
      request(port, agent).then((milliseconds) => {
        if (index > 3 * PER_SECOND) latencies.push(milliseconds);
      }),
    );
  }
  await Promise.all(pending);
  agent.destroy();
  latencies.sort((a, b) => a - b);
  return latencies[Math.floor(latencies.length * 0.99)];
}

function request(port, agent) {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/items/1', agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(performance.now() - started));
    }).on('error', reject);
  });
}

/** Resolves with the first message of the child. */
function start(file, env) {
  const child = fork(fileURLToPath(new URL(`./export/${file}`, import.meta.url)), [], {
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve({ child, ...message }));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
