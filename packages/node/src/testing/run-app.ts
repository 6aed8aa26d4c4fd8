import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** A fixture program in a process of its own, as a user would run it. */
export interface App {
  /** Of a server; empty for a program that has ended. */
  readonly url: string;
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves with how the process ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * `node --import @unhinged/observability-node/register <fixture>`, from the built package. Resolves when it says `listening PORT`,
 * or has ended; rejects if it says nothing for 30 s. `env` replaces all OTEL_* variables.
 */
export async function runApp(
  fixture: string,
  env: Record<string, string>,
  nodeArguments: readonly string[] = ['--import', '@unhinged/observability-node/register'],
): Promise<App> {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|NODE_OPTIONS|NODE_ENV|LOG_FLAGS)/.test(name),
  );
  const child = spawn(process.execPath, [...nodeArguments, fixture], {
    cwd: FIXTURES,
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${fixture} did not listen:\n${stdout}\n${stderr}`));
    }, 30_000);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const port = /^listening (\d+)$/m.exec(stdout)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(`http://127.0.0.1:${port}`);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    void ended.then(() => {
      clearTimeout(timer);
      resolve('');
    });
  });
  return { url, process: child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Polls until `read` gives something other than undefined or false; fails after 20 s, saying what was missing. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`still missing after 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
