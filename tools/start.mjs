// `npm start`: from a fresh clone to a running system with a demo in it. Progress on stderr, addresses on stdout.
import { createInterface } from 'node:readline';

import { root, start } from './lib/run.mjs';
import { build, install, requireNode } from './lib/set-up.mjs';

const help = `usage: npm start -- [--port-offset N] [--data DIR] [--no-demo]

Installs, generates and builds what is stale, then runs the whole system and the demo on this machine.
  --port-offset N  adds N to every port
  --data DIR       where journal and lake live (default .unhinged)
  --no-demo        only the system
Ctrl-C flushes and stops everything.`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(help);
  process.exit(0);
}
const known = ['--port-offset', '--data', '--no-demo'];
const value = (name, fallback) => {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at === -1) return fallback;
  return args[at].includes('=') ? args[at].slice(name.length + 1) : args[at + 1];
};
const unknown = args.find((arg) => arg.startsWith('--') && !known.includes(arg.split('=')[0]));
const offset = Number(value('--port-offset', '0'));
if (unknown !== undefined || !Number.isInteger(offset) || offset < 0 || offset > 50_000) {
  console.error(
    unknown ? `Unknown option ${unknown}.` : '--port-offset takes a whole number from 0 to 50000.',
  );
  console.error(help);
  process.exit(2);
}

requireNode();
install();
build();

const cli = `${root}packages/observability/dist/cli/main.js`;
const children = [];
let stopping = false;

/** Starts one `unhinged` command; resolves when it prints `ready` on a line of its own. */
function unhinged(command, options) {
  return new Promise((resolve, reject) => {
    const child = start(process.execPath, [cli, command, ...options], {
      // The lines of the demo's services are passed on: readable, when somebody reads them.
      env: process.stderr.isTTY ? { LOG_FORMAT: process.env.LOG_FORMAT ?? 'pretty' } : {},
    });
    children.push(child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      // Addresses are printed once, at the end.
      if (line.trim() === 'ready') resolve(child);
    });
    child.on('exit', (code) => {
      reject(new Error(`unhinged ${command} ended`));
      // What it was is on the screen already: the command printed it.
      if (!stopping) void stop(code ?? 1);
    });
  });
}

async function stop(code) {
  if (stopping) return;
  stopping = true;
  // The demo first, so that its last telemetry still finds the system.
  for (const child of [...children].reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(timer);
  }
  process.exit(code);
}
process.on('SIGINT', () => {
  console.error('\nStopping: flushing what is under way …');
  void stop(0);
});
process.on('SIGTERM', () => void stop(0));
process.on('SIGHUP', () => void stop(0));

const port = (base) => base + offset;
try {
  console.error('\n▸ starting the system');
  await unhinged('up', ['--port-offset', String(offset), '--data', value('--data', `${root}.unhinged`)]);
  if (!args.includes('--no-demo')) {
    console.error('\n▸ starting the demo and sending a few requests through it');
    await unhinged('demo', ['--port-offset', String(offset)]);
  }
  console.log(`
  Console          http://localhost:${port(4319)}
  Demo             http://localhost:${port(3000)}
  Gateway docs     http://localhost:${port(8082)}/docs
  Gateway metrics  http://localhost:${port(8082)}/metrics
  Prometheus       http://localhost:${port(8889)}/metrics
  OTLP             gRPC localhost:${port(4317)}, HTTP http://localhost:${port(4318)}

Ctrl-C stops everything.
ready`);
} catch (error) {
  if (!stopping) console.error(error.message);
  await stop(1);
}
