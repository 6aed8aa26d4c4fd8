// Three real processes (web stand-in at 1 %, gateway at 10 %, back end at 20 %), real HTTP between them, a real OTLP receiver: of
// the requests that fail somewhere, how many traces arrive whole, and what does that cost against recording everything?
// REQUESTS (default 100,000) and FAILING (default 1,000) are read from the environment; recording everything is measured with a
// tenth of the requests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { ExportTraceServiceRequest } from '@unhinged/observability-proto/otlp';

const FIXTURES = fileURLToPath(new URL('../fixtures/sampling/', import.meta.url));

/** The spans of a trace through three tiers: click, client, server, client, server, query. */
export const SPANS_OF_A_TRACE = 6;

export async function measure() {
  const requests = Number(process.env.REQUESTS ?? 100_000);
  const failing = Number(process.env.FAILING ?? 1_000);
  const sampled = await run({ requests, failing });
  const all = await run({ requests: requests / 10, failing: failing / 10, recordAll: true });
  const whole = sampled.failing.filter(({ traceId }) => sampled.spansOf(traceId) >= SPANS_OF_A_TRACE);
  const kinds = [...new Set(sampled.failing.map(({ kind }) => kind))];
  const share = (list, of) => list.length / of.length;
  const bytes = sampled.bytes / requests;
  const allBytes = all.bytes / (requests / 10);
  return [
    {
      name: `failing requests whose trace is whole (of ${sampled.failing.length} in ${requests})`,
      value: share(whole, sampled.failing),
      unit: '',
      goal: '>= 0.999',
      met: share(whole, sampled.failing) >= 0.999,
    },
    ...kinds.map((kind) => ({
      name: `  failing in: ${kind}`,
      value: share(
        whole.filter((found) => found.kind === kind),
        sampled.failing.filter((found) => found.kind === kind),
      ),
      unit: '',
    })),
    {
      name: 'bytes on the wire per request',
      value: bytes,
      unit: 'B',
      peer: 'record all',
      peerValue: allBytes,
      ratio: bytes / allBytes,
    },
    {
      name: 'spans exported per request',
      value: sampled.spans / requests,
      unit: '',
      peer: 'record all',
      peerValue: all.spans / (requests / 10),
      ratio: sampled.spans / requests / (all.spans / (requests / 10)),
    },
    {
      name: 'requests per second through the three processes',
      value: requests / sampled.seconds,
      unit: '/s',
      peer: 'record all',
      peerValue: requests / 10 / all.seconds,
      ratio: requests / sampled.seconds / (requests / 10 / all.seconds),
    },
  ];
}

/** One run: `failing` lists `{ traceId, kind }`, `spansOf` counts the spans that arrived of a trace, `bytes` are those of all requests. */
async function run({ requests, failing, recordAll = false }) {
  const receiver = await startReceiver();
  const processes = [];
  try {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      ...(recordAll && { OTEL_TRACES_SAMPLER: 'always_on' }),
    };
    const tier = async (file, env) => {
      const child = start(file, { ...environment, ...env });
      processes.push(child);
      return `http://127.0.0.1:${(await child.line(/^listening (\d+)$/m))[1]}`;
    };
    const BACKEND_URL = await tier('backend.js', { OTEL_SERVICE_NAME: 'backend', SERVICE_TYPE: 'backend' });
    const GATEWAY_URL = await tier('gateway.js', {
      OTEL_SERVICE_NAME: 'gateway',
      SERVICE_TYPE: 'gateway',
      BACKEND_URL,
    });
    const web = start('web.js', {
      ...environment,
      OTEL_SERVICE_NAME: 'web',
      SERVICE_TYPE: 'frontend',
      GATEWAY_URL,
      REQUESTS: String(requests),
      FAILING: String(failing),
    });
    processes.push(web);
    const result = JSON.parse((await web.line(/^(\{.*\})$/m))[1]);
    // SIGTERM lets the other two send what they hold.
    for (const child of processes) child.process.kill('SIGTERM');
    await Promise.all(processes.map((child) => child.ended));
    return { ...result, ...receiver.result() };
  } finally {
    for (const child of processes) child.process.kill('SIGKILL');
    receiver.stop();
  }
}

function start(file, env) {
  const child = spawn(process.execPath, ['--import', './telemetry.js', file], {
    cwd: FIXTURES,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let text = '';
  child.stdout.setEncoding('utf8');
  return {
    process: child,
    ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        child.stdout.on('data', (chunk) => {
          text += chunk;
          const found = pattern.exec(text);
          if (found !== null) resolve(found);
        });
        void ended.then(([code]) => reject(new Error(`${file} ended with ${code}`)));
      }),
  };
}

/** Keeps the bodies and decodes them at the end, to take as little of the processor from the three as it can. */
async function startReceiver() {
  const bodies = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push({
        gzip: request.headers['content-encoding'] === 'gzip',
        body: Buffer.concat(chunks),
      });
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    result: () => {
      const counts = new Map();
      let spans = 0;
      for (const { gzip, body } of bodies) {
        const request = ExportTraceServiceRequest.decode(gzip ? gunzipSync(body) : body);
        for (const { scopeSpans } of request.resourceSpans) {
          for (const span of scopeSpans.flatMap((scoped) => scoped.spans)) {
            const traceId = Buffer.from(span.traceId).toString('hex');
            counts.set(traceId, (counts.get(traceId) ?? 0) + 1);
            spans += 1;
          }
        }
      }
      return {
        bytes: bodies.reduce((sum, { body }) => sum + body.length, 0),
        spans,
        spansOf: (traceId) => counts.get(traceId) ?? 0,
      };
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
