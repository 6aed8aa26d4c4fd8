import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// The built command, as a user has it: the test target depends on the build.
const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** The environment without what would change what a command says. */
function cleanEnvironment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(OTEL_|LOG_FLAGS|NODE_OPTIONS)/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Runs a command that ends by itself. */
export function unhinged(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    env: cleanEnvironment(env),
    timeout: 60_000,
  });
}

export interface Running {
  child: ChildProcess;
  stdout: string[];
  stderr: string[];
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  /** Resolves with the first line of stdout that matches. */
  line(pattern: RegExp): Promise<string>;
}

const running: Running[] = [];

/** Starts a command that runs until it is stopped; the test's end kills it. */
export function start(args: readonly string[]): Running {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment({}),
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => stdout.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const command: Running = {
    ...{ child, stdout, stderr, ended },
    line: async (pattern) => {
      const found = () => stdout.find((line) => pattern.test(line));
      for (let n = 0; n < 1_500; n++) {
        const line = found();
        if (line !== undefined) return line;
        if (child.exitCode !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(
        `${args.join(' ')} did not print ${String(pattern)}:\n${[...stdout, ...stderr].join('\n')}`,
      );
    },
  };
  running.push(command);
  return command;
}

export async function killAll(): Promise<void> {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
}

/** A number to add to every default port, so that all four are free. */
export async function freePortOffset(): Promise<number> {
  for (let n = 0; n < 100; n++) {
    const offset = 5_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all([4317, 4318, 4319, 8889].map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('No four free ports found.');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
