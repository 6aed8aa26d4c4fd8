// A real Redis on 127.0.0.1, from Debian's packages or from PATH. Nothing is saved to disk.
import { ask, freePort, startChild } from './lib/child.mjs';
import { runAsCommand } from './lib/cli.mjs';
import { debianFiles, debianLibraries, findProgram } from './lib/debian.mjs';
import { dataFolder } from './lib/folder.mjs';

const PACKAGES = [
  ...['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2'],
  ...['liblua5.1-0', 'lua-cjson', 'lua-bitop'],
];

/** @param {{ port?: number, dir?: string }} options port 0 or none: a free one */
export async function start({ port = 0, dir } = {}) {
  const chosen = port === 0 ? await freePort() : port;
  const folder = dataFolder('redis', dir);
  try {
    const { program, args, env, isReady } = await prepare({ dir: folder.path, ports: { redis: chosen } });
    const child = await startChild(program, args, { env, isReady });
    return {
      port: chosen,
      pid: child.pid,
      stop: async () => {
        await child.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/** What to run for a Redis in the existing folder `dir`. */
export async function prepare({ dir, ports }) {
  return {
    ...(await find()),
    args: [
      ...['--bind', '127.0.0.1', '--port', String(ports.redis), '--dir', dir],
      ...['--save', '', '--appendonly', 'no'],
    ],
    isReady: async () => (await ask(ports.redis, 'PING\r\n'))?.toString().startsWith('+PONG'),
  };
}

async function find() {
  const installed = findProgram('redis-server');
  try {
    const files = await debianFiles('redis-debian', PACKAGES);
    return {
      program: `${files}/usr/bin/redis-server`,
      env: { ...process.env, LD_LIBRARY_PATH: debianLibraries(files) },
    };
  } catch (error) {
    if (installed !== undefined) return { program: installed, env: process.env };
    throw new Error(`${error.message}; install Redis, or see to it that apt-get works`, { cause: error });
  }
}

await runAsCommand(import.meta.url, 'redis', start);
