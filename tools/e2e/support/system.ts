import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../../packages/observability/dist/cli/main.js', import.meta.url));
const defaultPorts = [3000, 4317, 4318, 4319, 8082, 8083, 8889];

/** A folder of the test's own, gone when `remove` is called. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'unhinged-e2e-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Can a server on loopback have the port? */
export function isFree(port: number): Promise<boolean> {
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

/** A number to add to every default port so that all of them are free. */
export async function freePortOffset(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    // Below the ephemeral range, so that no outgoing connection takes one meanwhile.
    const offset = 10_000 + Math.floor(Math.random() * 13_000);
    const free = await Promise.all(defaultPorts.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no free range of ports found');
}

/** One running `unhinged` command. */
export interface Running {
  child: ChildProcess;
  /** Everything it printed. */
  output: () => string;
  /** Sends the signal and resolves with the exit code when the process is gone. */
  end: (signal: NodeJS.Signals) => Promise<number | null>;
}

/** Starts an `unhinged` command and resolves when it prints `ready`. `wrap` runs it under another program. */
export async function startCommand(
  args: string[],
  { wrap = [], env = {} }: { wrap?: string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Running> {
  const [program = '', ...rest] = [...wrap, process.execPath, cli, ...args];
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    const onLine = (line: string): void => {
      lines.push(line);
      if (line.trim() === 'ready') resolve();
    };
    createInterface({ input: child.stdout }).on('line', onLine);
    createInterface({ input: child.stderr }).on('line', onLine);
    void gone.then((code) => {
      reject(new Error(`unhinged ${args.join(' ')} ended with ${String(code)}:\n${lines.join('\n')}`));
    });
  });
  return {
    child,
    output: () => lines.join('\n'),
    end: (signal) => {
      child.kill(signal);
      return gone;
    },
  };
}

/** Runs an `unhinged` command that ends by itself. */
export function runToEnd(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 60_000,
  });
}

/** Rows of `unhinged query --json`. */
export function query(data: string, sql: string): Record<string, unknown>[] {
  const result = runToEnd(['query', '--data', data, '--json', '--max-rows', '10000', sql]);
  if (result.status !== 0) throw new Error(`query failed (${String(result.status)}): ${result.stderr}`);
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Writes a policy whose windows close within seconds. */
export function quickPolicy(folder: string): string {
  const file = join(folder, 'policy.json');
  const policy = {
    version: 1,
    windows: { sizeSeconds: 1, watermarkSeconds: 1, latenessSeconds: 5 },
    alerts: { errorSpike: { minRequests: 1, forSeconds: 0, resolveSeconds: 2 } },
  };
  writeFileSync(file, JSON.stringify(policy));
  return file;
}

/** Asks again until `answer` gives something, for at most a minute. */
export async function eventually<T>(what: string, answer: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 60_000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const result = await answer();
      if (result !== undefined) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not seen within a minute: ${what}`, { cause: last });
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${await response.text()}`);
  return (await response.json()) as T;
}

export async function postJson(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${String(response.status)} ${await response.text()}`);
  return response.json();
}
