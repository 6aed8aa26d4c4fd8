import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs one of our TypeScript files in a Node process of its own. */
export function runSource(file: URL, args: readonly string[]): ChildProcess {
  const hooks = new URL('source-hooks.mjs', import.meta.url).href;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(hooks)});`;
  return spawn(
    process.execPath,
    [
      '--conditions=@unhinged/source',
      `--import=data:text/javascript,${encodeURIComponent(register)}`,
      fileURLToPath(file),
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
}
