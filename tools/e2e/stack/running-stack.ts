import { openStack, type Stack } from '../../stack/stack.mjs';
import { eventually, isFree, temporaryFolder } from '../support/system.js';

/** The ports of the demo that move with the stack's. */
const DEMO = [3000, 8082, 8083];

export interface RunningStack extends Stack {
  offset: number;
  /** Of a server's port, for example `url('jaeger', 'query')`. */
  url(server: string, name: string): string;
  stop(): Promise<void>;
}

/** Starts real servers in a folder of their own, on free ports. */
export async function startStack(
  names: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningStack> {
  const folder = temporaryFolder();
  const offset = await freeOffset();
  const stack = openStack({
    dir: folder.path,
    offset,
    env: { ...process.env, ...env },
    say: (line) => {
      process.stderr.write(`  ${line}\n`);
    },
  });
  const stop = async (): Promise<void> => {
    await stack.down();
    folder.remove();
  };
  try {
    await stack.up(names);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...stack,
    offset,
    url: (server, name) => `http://127.0.0.1:${String(stack.port(server, name))}`,
    stop,
  };
}

/** Added to every port of the stack and the demo, all are free and below the range of outgoing connections. */
async function freeOffset(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const offset = 1_000 + Math.floor(Math.random() * 14_000);
    const ports = Object.values(openStack({ dir: '/', offset }).status()).flatMap((each) =>
      Object.values(each.ports),
    );
    const free = await Promise.all([...ports, ...DEMO.map((port) => port + offset)].map(isFree));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no free range of ports found');
}

/** As `eventually`, for what takes its time: scrapes, evaluations, deliveries. */
export async function withPatience<T>(
  what: string,
  minutes: number,
  answer: () => Promise<T | undefined>,
): Promise<T> {
  for (let minute = 1; ; minute++) {
    try {
      return await eventually(what, answer);
    } catch (error) {
      if (minute >= minutes) throw error;
    }
  }
}
