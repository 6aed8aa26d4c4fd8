import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  /** In front of every line, for example `gateway`. */
  name: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Receives every line the process prints, prefixed. */
  output: (line: string) => void;
}

export interface Child {
  readonly pid: number | undefined;
  /** Settles when the process is gone: `code 1`, `signal SIGKILL` or why it could not start. */
  readonly gone: Promise<string>;
  /** The same text once it is gone, undefined before. */
  ended(): string | undefined;
  /** SIGTERM, then SIGKILL after 5 s. Resolves when the process is gone. */
  stop(): Promise<void>;
}

const PATIENCE_MS = 5_000;

/** Starts Node with the given arguments. */
export function startChild(args: readonly string[], { name, cwd, env, output }: ChildOptions): Child {
  // A group of its own: a Ctrl-C at the terminal reaches whoever started the demo, who then stops us in order.
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    // The channel carries nothing: its end tells the process that we are gone, even when we were killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      output(`${name} | ${line}`);
    });
  }
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    // Not 'exit': the last lines come after it.
    child.once('close', (code, signal) => {
      resolve(signal === null ? `code ${String(code)}` : `signal ${signal}`);
    });
  });
  // Should we end without stop(), nothing may stay behind.
  const killNow = () => child.kill('SIGKILL');
  process.once('exit', killNow);
  let ended: string | undefined;
  void gone.then((how) => {
    ended = how;
    process.off('exit', killNow);
  });
  return {
    pid: child.pid,
    gone,
    ended: () => ended,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(killNow, PATIENCE_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
