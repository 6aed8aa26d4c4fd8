// Runs a program in the repository's root and passes its output on.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const environment = {
  ...process.env,
  // The daemon would outlive the command, and its file watcher costs more than it saves here.
  NX_DAEMON: 'false',
  NX_TUI: 'false',
};

/** Runs to the end. Returns the exit code; 127 when the program does not exist. `output` is the descriptor for its stdout. */
export function run(command, args, { env = {}, quiet = false, output = 1, cwd = root } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...environment, ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['inherit', output, 2],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error) return { code: 127, output: result.error.message };
  return {
    code: result.status ?? 1,
    output: quiet ? `${result.stdout}${result.stderr}` : '',
  };
}

/** Runs Nx from node_modules. */
export function nx(args, options) {
  return run(process.execPath, ['node_modules/.bin/nx', ...args], options);
}

/**
 * Starts a program in a process group of its own, so that a Ctrl-C at the terminal reaches only us and we can
 * pass it on once, in order.
 */
export function start(command, args, { env = {}, stdio = ['ignore', 'pipe', 'inherit'] } = {}) {
  return spawn(command, args, { cwd: root, env: { ...environment, ...env }, stdio, detached: true });
}
