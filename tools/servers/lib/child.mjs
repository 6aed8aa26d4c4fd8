// A server as a child process: started when it answers, stopped by its pid, its output kept for the error message.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const KEPT_OUTPUT = 4_000;
const STOP_LIMIT_MS = 10_000;

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts `program` and resolves with its way to stop when `isReady(output)` says so, polled; throws with the end of its output
 * when it ends before or takes longer than `limitMs`. Stopping asks with `stopSignal`, then kills.
 */
export async function startChild(
  program,
  args,
  { isReady, limitMs = 60_000, stopSignal = 'SIGTERM', ...options },
) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ended = false;
  const gone = new Promise((resolve) => {
    child.once('error', (error) => {
      keep(error.message);
      ended = true;
      resolve();
    });
    child.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  const kill = () => child.kill('SIGKILL');
  // Also when this process ends without having stopped it.
  process.once('exit', kill);
  const stop = async () => {
    if (!ended) child.kill(stopSignal);
    const timer = setTimeout(kill, STOP_LIMIT_MS);
    await gone;
    clearTimeout(timer);
    process.off('exit', kill);
  };
  const deadline = Date.now() + limitMs;
  for (;;) {
    if (ended) throw new Error(`${program} ended:\n${output}`);
    if (await isReady(output)) return { pid: child.pid, stop };
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${program} was not ready after ${limitMs / 1000} s:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Sends `question` to a port and gives what comes back first, or undefined when nobody answers within a second. */
export function ask(port, question) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => done(undefined));
    socket.once('error', () => done(undefined));
    socket.once('data', done);
    socket.once('connect', () => socket.write(question));
  });
}

/** True when a GET is answered with 2xx within a second. */
export async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
