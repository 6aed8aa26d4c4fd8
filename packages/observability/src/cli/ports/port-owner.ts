import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface PortOwner {
  pid: number;
  command: string;
}

/**
 * The process that listens on a TCP port: from /proc on Linux, from lsof elsewhere. Undefined when nobody does, or when the
 * process belongs to another user.
 */
export function ownerOf(port: number): PortOwner | undefined {
  return process.platform === 'linux' ? ownerFromProc(port) : ownerFromLsof(port);
}

const LISTEN = '0A';

function ownerFromProc(port: number): PortOwner | undefined {
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOr(table, '').split('\n').slice(1)) {
      // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode (proc(5)); the port is in hex.
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      const localPort = Number.parseInt(local?.split(':')[1] ?? '', 16);
      if (state === LISTEN && localPort === port && inode !== undefined) sockets.add(`socket:[${inode}]`);
    }
  }
  if (sockets.size === 0) return undefined;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && hasOneOpen(name, sockets));
  if (pid === undefined) return undefined;
  const command = readOr(`/proc/${pid}/cmdline`, '').split('\0').join(' ').trim();
  return { pid: Number(pid), command: command === '' ? readOr(`/proc/${pid}/comm`, '?').trim() : command };
}

function hasOneOpen(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    // Gone meanwhile, or another user's.
    return false;
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

function ownerFromLsof(port: number): PortOwner | undefined {
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'];
  const { stdout } = spawnSync('lsof', args, { encoding: 'utf8', timeout: 5_000 });
  // One field a line, its first character says which.
  const field = (letter: string) => new RegExp(`^${letter}(.*)$`, 'm').exec(stdout)?.[1];
  const pid = field('p');
  return pid === undefined ? undefined : { pid: Number(pid), command: field('c') ?? '?' };
}
