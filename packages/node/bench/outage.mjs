// What a collector that is away costs the program: latency of a small HTTP service under a steady load, without telemetry and with it
// while the collector works, hangs or is not there. The service waits 5 ms for a store that does not exist and answers with some JSON; it is
// a process of its own, as is the collector. All four run at the same time and get their requests in turn, at a rate far below what they
// can do, so that whatever else the machine does meets all of them alike; who comes first changes with each request. The p99 of a round
// is set against the p99 of the same round without telemetry, and the median of the rounds counts. ROUNDS: default 9.
import { fork } from 'node:child_process';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.env.ROUNDS ?? 9);
/** To each service. */
const PER_SECOND = 50;
const SECONDS = 20;
const WARM_UP_SECONDS = 5;

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
  const services = [];
  try {
    for (const [name, endpoint] of Object.entries(endpoints)) {
      const env = endpoint ? { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } : {};
      const { child, port } = await start('service.mjs', env);
      services.push({
        name,
        child,
        port,
        agent: new Agent({ keepAlive: true }),
        p99: [],
        p50: [],
        megabytes: 0,
      });
    }
    await load(services, WARM_UP_SECONDS);
    for (let round = 0; round < ROUNDS; round++) {
      const latencies = await load(services, SECONDS);
      services.forEach((service, index) => {
        const sorted = latencies[index].sort((a, b) => a - b);
        service.p99.push(sorted[Math.floor(sorted.length * 0.99)]);
        service.p50.push(sorted[Math.floor(sorted.length * 0.5)]);
      });
    }
    for (const service of services) {
      const told = new Promise((resolve) => service.child.once('message', resolve));
      service.child.send('memory');
      service.megabytes = (await told).megabytes;
    }
  } finally {
    collector.child.kill();
    hole.close();
    for (const { child, agent } of services) {
      agent.destroy();
      child.kill('SIGKILL');
    }
  }
  const [base] = services;
  return services.slice(1).flatMap(({ name, p99, p50, megabytes }) => {
    const ratio = median(p99.map((value, round) => value / base.p99[round]));
    return [
      {
        name: `p99 latency, ${name}`,
        value: median(p99),
        unit: 'ms',
        peer: 'no telemetry',
        peerValue: median(base.p99),
        ratio,
        goal: '≤ 1.1 × no telemetry',
        met: ratio <= 1.1,
      },
      {
        name: `median latency, ${name}`,
        value: median(p50),
        unit: 'ms',
        peer: 'no telemetry',
        peerValue: median(base.p50),
        ratio: median(p50) / median(base.p50),
      },
      {
        name: `memory (RSS), ${name}`,
        value: megabytes,
        unit: 'MB',
        peer: 'no telemetry',
        peerValue: base.megabytes,
      },
    ];
  });
}

/** Requests at a steady rate whatever the answers do (open loop), in milliseconds by service. */
async function load(services, seconds) {
  const latencies = services.map(() => []);
  const pending = [];
  const began = performance.now();
  const total = services.length * PER_SECOND * seconds;
  for (let index = 0; index < total; index++) {
    const due = began + (index * 1_000) / (services.length * PER_SECOND);
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    const turn = Math.floor(index / services.length);
    const chosen = (index + turn) % services.length;
    pending.push(request(services[chosen]).then((milliseconds) => latencies[chosen].push(milliseconds)));
  }
  await Promise.all(pending);
  return latencies;
}

function request({ port, agent }) {
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
