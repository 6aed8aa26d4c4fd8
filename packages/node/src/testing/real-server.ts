import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SERVERS = fileURLToPath(new URL('../../../../tools/servers/', import.meta.url));

export interface RealServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `node tools/servers/<name>.mjs`: the real thing on a free port. Rejects with what it says when this machine cannot have it. */
export async function startRealServer(name: 'redis' | 'postgres' | 'kafka'): Promise<RealServer> {
  const child = spawn(process.execPath, [`${SERVERS}${name}.mjs`, '--until-stdin-ends'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => {
      resolve((JSON.parse(line.toString()) as { port: number }).port);
    });
    void ended.then(() => {
      reject(new Error(`a real ${name} is needed for this test and could not be started:\n${said}`));
    });
  });
  return {
    port,
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}
