// The whole demo from its build, as processes. Telemetry goes to a port where nothing listens: the demo must not mind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import type { DemoPorts } from './options.js';
import { sendSampleTraffic } from './sample-traffic.js';
import { type Demo, startDemo } from './start-demo.js';

const distIndex = new URL('../../dist/index.js', import.meta.url).href;

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
const demoPorts = async (): Promise<DemoPorts & { closed: number }> => {
  const [web = 0, gateway = 0, backend = 0, closed = 0] = await freePorts(4);
  return { web, gateway, backend, closed };
};
const nobody = (port: number) => ({ grpc: `http://127.0.0.1:${port}`, http: `http://127.0.0.1:${port}` });

/** Polls until `check` gives something. */
async function eventually<T>(check: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('the demo', () => {
  const lines: string[] = [];
  let demo: Demo;
  beforeAll(async () => {
    const { closed, ...ports } = await demoPorts();
    demo = await startDemo({
      ports,
      otlp: nobody(closed),
      console: 'http://localhost:14319/',
      output: (line) => lines.push(line),
    });
  }, 90_000);
  afterAll(() => demo.stop());

  it('serves the page and tells it where the gateway is', async () => {
    const page = await fetch(`${demo.urls.web}/`);
    expect(await page.text()).toContain('<div id="root"></div>');
    const config: unknown = await (await fetch(`${demo.urls.web}/config.json`)).json();
    expect(config).toMatchObject({ gateway: demo.urls.gateway, console: 'http://localhost:14319' });
  });

  it('takes sample traffic, of which one request in ten fails on purpose', async () => {
    expect(await sendSampleTraffic({ gateway: demo.urls.gateway, count: 20 })).toEqual({
      requests: 20,
      failed: 2,
    });
  }, 60_000);

  it('logs one trace in gateway and back end, from zero-code telemetry', async () => {
    const line = await eventually(() => lines.find((text) => text.includes('"Message stored"')));
    const traceId = /"traceId":"([0-9a-f]{32})"/.exec(line)?.[1] ?? 'none';
    expect(line).toMatch(/^backend \| .*"service":"chat-backend"/);
    const sent = await eventually(() =>
      lines.find((text) => text.includes('"Message sent"') && text.includes(traceId)),
    );
    expect(sent).toMatch(/^gateway \| .*"service":"chat-gateway"/);
  });

  it('counts requests by route in its Prometheus metrics', async () => {
    const metrics = await (await fetch(`${demo.urls.gateway}/metrics`)).text();
    expect(metrics).toMatch(/http_server_.*_count\{.*http_route="\/api\/rooms\/:room\/messages"/);
  });

  it('says so when a tier ends by itself', async () => {
    const { pid } = (await (await fetch(`${demo.urls.backend}/healthz`)).json()) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await eventually(() =>
      lines.find((line) => line === 'demo | the backend ended unexpectedly: signal SIGKILL'),
    );
  });

  it('leaves nothing running after stop', async () => {
    await demo.stop();
    await demo.stop();
    for (const url of Object.values(demo.urls)) await expect(fetch(url)).rejects.toThrow();
    expect(lines.filter((line) => line.includes('ended unexpectedly'))).toHaveLength(1);
  }, 30_000);
});

it('names the tier whose port is taken, and stops what had started', async () => {
  const { closed, ...ports } = await demoPorts();
  const thief = createServer((socket) => socket.destroy()).listen(ports.gateway, '127.0.0.1');
  await once(thief, 'listening');
  const lines: string[] = [];
  await expect(
    startDemo({ ports, otlp: nobody(closed), output: (line) => lines.push(line) }),
  ).rejects.toThrow(/The demo's gateway did not start \(code 1\)/);
  expect(lines.join('\n')).toContain('EADDRINUSE');
  await expect(fetch(`http://127.0.0.1:${ports.backend}/healthz`)).rejects.toThrow();
  thief.close();
}, 90_000);

it('ends with whoever started it, even when that was killed', async () => {
  const { closed, ...ports } = await demoPorts();
  const options = JSON.stringify({ ports, otlp: nobody(closed) });
  const program = `import { startDemo } from '${distIndex}'; await startDemo(${options}); console.log('up');`;
  const runner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
    // Without telemetry they print nothing, and so cannot end by writing into the broken pipe either.
    env: { ...process.env, OTEL_SDK_DISABLED: 'true' },
  });
  await once(runner.stdout, 'data');
  runner.kill('SIGKILL');
  for (const port of [ports.gateway, ports.backend]) {
    await eventually(() =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        () => undefined,
        () => 'gone',
      ),
    );
  }
}, 90_000);

it.each([
  [{ ports: { web: 0 } }, 'ports.web: expected a port from 1 to 65535, got 0'],
  [{ otlp: { grpc: '4317' } }, "otlp.grpc: expected an address such as http://localhost:4317, got '4317'"],
])('refuses %j', async (options, message) => {
  await expect(startDemo(options)).rejects.toThrow(message);
});
