import { Command } from 'commander';
import { Failure, toFailure } from '../failure.js';
import { wholeNumber } from '../options.js';
import { shiftedPorts } from '../ports/ports.js';
import { stopAndExit, untilStopped } from '../signals.js';

/** What this command needs of `@unhinged/demo`, which is part of the repository and not published. */
interface DemoPackage {
  startDemo(options: {
    ports: { web: number; gateway: number; backend: number };
    otlp: { grpc: string; http: string };
    console: string;
  }): Promise<{ urls: { web: string; gateway: string; docs: string }; stop(): Promise<void> }>;
  sendSampleTraffic(of: { gateway: string; count?: number }): Promise<{ requests: number; failed: number }>;
}

interface DemoCommandOptions {
  portOffset: number;
  requests: number;
  json?: boolean;
}

// Not a literal: the compiler must not ask for a package that is not a dependency.
const PACKAGE = ['@unhinged', 'demo'].join('/');
const DEMO_PORTS = { web: 3000, gateway: 8082, backend: 8083 };

export function demoCommand(): Command {
  return new Command('demo')
    .description('Start a small chat product in three tiers and send a few requests through it.')
    .option(
      '--port-offset <n>',
      'the offset `unhinged up` runs with; moves the demo too',
      wholeNumber(0, 50_000),
      0,
    )
    .option('--requests <n>', 'sample requests to send', wholeNumber(0, 10_000), 20)
    .option('--json', 'print the addresses as one JSON object')
    .addHelpText(
      'after',
      `
Needs a running \`unhinged up\`. Prints \`ready\` when the demo answers and the requests are through. Exit codes: 0 stopped, 1 failed.

Examples:
  $ unhinged demo
  $ unhinged demo --port-offset 1000 --requests 200`,
    )
    .action(demo);
}

async function demo(options: DemoCommandOptions): Promise<void> {
  const tiers = await load();
  const offset = options.portOffset;
  const system = shiftedPorts(offset);
  const running = await tiers.startDemo({
    ports: {
      web: DEMO_PORTS.web + offset,
      gateway: DEMO_PORTS.gateway + offset,
      backend: DEMO_PORTS.backend + offset,
    },
    otlp: { grpc: `http://localhost:${system.grpc}`, http: `http://localhost:${system.http}` },
    console: `http://localhost:${system.console}`,
  });
  const stopped = untilStopped();
  try {
    const traffic = await tiers.sendSampleTraffic({ gateway: running.urls.gateway, count: options.requests });
    if (options.json) console.log(JSON.stringify({ urls: running.urls, traffic }));
    else {
      console.log(`Demo          ${running.urls.web}`);
      console.log(`Gateway docs  ${running.urls.docs}`);
      console.log(`Sent          ${traffic.requests} requests, ${traffic.failed} of them failed on purpose`);
    }
    console.log('ready');
    await stopped;
  } catch (error) {
    await running.stop();
    throw toFailure(error);
  }
  await stopAndExit(() => running.stop());
}

async function load(): Promise<DemoPackage> {
  try {
    import.meta.resolve(PACKAGE);
  } catch (cause) {
    throw new Failure(
      1,
      'The demo is part of the repository and not of the published packages. Clone the repository and run npm start.',
      { cause },
    );
  }
  return (await import(PACKAGE)) as DemoPackage;
}
