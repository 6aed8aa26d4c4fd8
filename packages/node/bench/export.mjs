// CPU of exporting spans over OTLP, end to end (create, end, encode, compress, send, take the answer), in a process of its own, to a
// minimal server in another. Ours and the stock exporter with its BatchSpanProcessor take turns; medians of the rounds.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROUNDS = 3;
const SPANS = 100_000;

export async function measure() {
  const server = await start('server.mjs', []);
  try {
    const figures = [];
    for (const protocol of ['grpc', 'http/protobuf']) {
      for (const compression of ['gzip', 'none']) {
        const cost = { ours: [], stock: [], unexported: [] };
        for (let round = 0; round < ROUNDS; round++) {
          for (const who of Object.keys(cost)) {
            cost[who].push(await run(who, protocol, compression, server.ports));
          }
        }
        const [ours, stock, unexported] = ['ours', 'stock', 'unexported'].map((who) => median(cost[who]));
        figures.push({
          name: `CPU per exported span, ${protocol}, ${compression}`,
          value: ours,
          unit: 'µs',
          peer: 'stock exporter',
          peerValue: stock,
          ratio: ours / stock,
          goal: '≤ 1 × the stock exporter',
          met: ours <= stock,
        });
        figures.push({
          name: `of it beyond creating the span, ${protocol}, ${compression}`,
          value: ours - unexported,
          unit: 'µs',
          peer: 'stock exporter',
          peerValue: stock - unexported,
          ratio: (ours - unexported) / (stock - unexported),
        });
      }
    }
    return figures;
  } finally {
    server.child.kill();
  }
}

async function run(who, protocol, compression, ports) {
  const endpoint = protocol === 'grpc' ? `http://127.0.0.1:${ports.grpc}` : `http://127.0.0.1:${ports.http}`;
  const client = await start('client.mjs', [who, protocol, compression, endpoint, String(SPANS)]);
  if (who !== 'unexported' && client.exported !== SPANS) {
    throw new Error(`${who} exported ${client.exported} of ${SPANS}`);
  }
  return client.microseconds;
}

/** Resolves with the first message of the child. */
function start(file, args) {
  const child = fork(fileURLToPath(new URL(`./export/${file}`, import.meta.url)), args);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve({ child, ...message }));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
