import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startChild, type Child } from './child.js';
import { resolveOptions, type DemoOptions, type DemoSettings } from './options.js';
import { createWebServer } from './web-server.js';

export interface Demo {
  /** Addresses for people: the page, and the gateway, whose `/docs` is worth a look. */
  urls: { web: string; gateway: string; docs: string; backend: string };
  /** Stops all three tiers, the front one first. Never rejects; a second call waits for the same end. */
  stop(): Promise<void>;
}

/** From src/runner and from dist/runner alike. */
const packageFolder = fileURLToPath(new URL('../../', import.meta.url));
const webFolder = `${packageFolder}dist/web`;

/**
 * Starts the chat product: the page in this process, gateway and back end in processes of their own. Resolves when all three
 * answer.
 *
 * @throws Error that names the tier which did not start and why; what had started is stopped.
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const settings = resolveOptions(options);
  if (!existsSync(`${packageFolder}dist/gateway/main.js`) || !existsSync(`${webFolder}/index.html`)) {
    throw new Error('The demo is not built. Run: npx nx run @unhinged/demo:build');
  }
  const { ports, output } = settings;
  const stops: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () =>
    (stopping ??= (async () => {
      for (const stopOne of stops.reverse()) await stopOne();
    })());

  try {
    const tiers = ['backend', 'gateway'] as const;
    await Promise.all(
      tiers.map(async (tier) => {
        const child = startTier(tier, settings);
        stops.push(() => child.stop());
        void child.gone.then((how) => {
          if (stopping === undefined) output(`demo | the ${tier} ended unexpectedly: ${how}`);
        });
        await healthy(tier, ports[tier], child, settings.startTimeoutMs);
      }),
    );
    const web = createWebServer(webFolder, {
      gateway: `http://localhost:${ports.gateway}`,
      otlp: settings.otlp.http,
      console: settings.console,
    });
    await listen(web, ports.web);
    stops.push(() => close(web));
  } catch (error) {
    await stop();
    throw error;
  }
  const gateway = `http://localhost:${ports.gateway}`;
  return {
    urls: {
      web: `http://localhost:${ports.web}`,
      gateway,
      docs: `${gateway}/docs`,
      backend: `http://localhost:${ports.backend}`,
    },
    stop,
  };
}

function startTier(tier: 'gateway' | 'backend', { ports, otlp, output, env }: DemoSettings): Child {
  return startChild(
    [
      // As a user would: telemetry without a line of code.
      ...['--import', '@unhinged/observability-node/register'],
      `dist/${tier}/main.js`,
    ],
    {
      name: tier,
      cwd: packageFolder,
      output,
      env: {
        ...env,
        OTEL_SERVICE_NAME: `chat-${tier}`,
        OTEL_RESOURCE_ATTRIBUTES: `unhinged.tier=${tier},unhinged.service.type=${tier}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: otlp.grpc,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        DEMO_BACKEND_PORT: String(ports.backend),
        DEMO_BACKEND_URL: `http://127.0.0.1:${ports.backend}`,
        DEMO_GATEWAY_PORT: String(ports.gateway),
        DEMO_WEB_PORT: String(ports.web),
      },
    },
  );
}

/** Resolves when the tier answers; rejects when its process ends before, or in the time given. */
async function healthy(tier: string, port: number, child: Child, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const how = child.ended();
    if (how !== undefined) throw new Error(`The demo's ${tier} did not start (${how}): see its output.`);
    // The process id tells our tier from somebody else's on the same port.
    if ((await healthPid(port)) === child.pid) return;
    await sleep(100);
  }
  throw new Error(`The demo's ${tier} did not answer on port ${port} within ${timeoutMs / 1000} s.`);
}

/** The process id that `/healthz` names; -1 when nothing of ours answers. */
async function healthPid(port: number): Promise<number> {
  try {
    const url = `http://127.0.0.1:${port}/healthz`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    const { pid } = (await answer.json()) as { pid?: unknown };
    return typeof pid === 'number' ? pid : -1;
  } catch {
    return -1;
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new Error(`The demo's page cannot listen on port ${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
