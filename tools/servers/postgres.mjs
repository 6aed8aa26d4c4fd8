// A real PostgreSQL on 127.0.0.1, user and database `postgres`, no password. Debian's packages, or what is installed.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { ask, freePort, startChild } from './lib/child.mjs';
import { runAsCommand } from './lib/cli.mjs';
import { debianFiles, debianLibraries, findProgram } from './lib/debian.mjs';
import { dataFolder } from './lib/folder.mjs';

/** @param {{ port?: number, dir?: string }} options port 0 or none: a free one; an existing `dir` keeps its data */
export async function start({ port = 0, dir } = {}) {
  const { bin, env } = await find();
  const chosen = port === 0 ? await freePort() : port;
  const folder = dataFolder('postgres', dir);
  // It refuses to run as root, so as root it runs as the user that owns nothing.
  const who = process.getuid?.() === 0 ? nobody() : {};
  try {
    if (who.uid !== undefined) {
      chownSync(folder.path, who.uid, who.gid);
      chmodSync(folder.path, 0o700);
    }
    const data = join(folder.path, 'data');
    if (!existsSync(join(data, 'PG_VERSION'))) {
      const { status, error, stderr } = spawnSync(
        join(bin, 'initdb'),
        [
          '-D',
          data,
          '-U',
          'postgres',
          '-A',
          'trust',
          '-E',
          'UTF8',
          '--locale=C',
          '--no-sync',
          '--no-instructions',
        ],
        { env, encoding: 'utf8', cwd: folder.path, ...who },
      );
      if (error) throw error;
      if (status !== 0) throw new Error(`initdb failed: ${stderr.trim().slice(-1_000)}`);
    }
    const child = await startChild(
      join(bin, 'postgres'),
      [
        '-D',
        data,
        '-p',
        String(chosen),
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'fsync=off',
        '-k',
        folder.path,
      ],
      // SIGINT: fast shutdown, without waiting for clients to leave.
      { env, cwd: folder.path, stopSignal: 'SIGINT', isReady: () => accepts(chosen), ...who },
    );
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

/** Sends a start-up packet: `R` (authentication) is the answer of a server that lets clients in. */
async function accepts(port) {
  const parameters = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + parameters.length, 0);
  head.writeInt32BE(196_608, 4);
  return (await ask(port, Buffer.concat([head, parameters])))?.at(0) === 'R'.charCodeAt(0);
}

async function find() {
  const found = installed();
  try {
    return found ?? (await fetched());
  } catch (error) {
    throw new Error(`${error.message}; install PostgreSQL, or see to it that apt-get works`, {
      cause: error,
    });
  }
}

/** Its many libraries make an installed server, any version of which serves, the better first choice. */
function installed() {
  const root = '/usr/lib/postgresql';
  const folders = existsSync(root) ? readdirSync(root).map((version) => join(root, version, 'bin')) : [];
  const initdb = findProgram('initdb', folders.sort().reverse());
  return initdb && { bin: join(initdb, '..'), env: process.env };
}

async function fetched() {
  const { stdout = '' } = spawnSync('apt-cache', ['pkgnames', 'postgresql-'], { encoding: 'utf8' });
  const versions = [...(stdout ?? '').matchAll(/^postgresql-(\d+)$/gm)].map(([, version]) => Number(version));
  if (versions.length === 0) throw new Error('apt-cache knows no PostgreSQL');
  const version = Math.max(...versions);
  const server = `postgresql-${version}`;
  const { stdout: listed } = spawnSync(
    'apt-cache',
    [
      'depends',
      '--recurse',
      '--no-recommends',
      '--no-suggests',
      '--no-conflicts',
      '--no-breaks',
      '--no-replaces',
    ].concat(['--no-enhances', '--no-pre-depends', server]),
    { encoding: 'utf8' },
  );
  // The libraries it is linked with; the C library has to be the machine's own.
  const libraries = [...new Set(listed.match(/^lib[\w.+-]+$/gm) ?? [])].filter(
    (name) =>
      !/^(libc6|libgcc-s1|libstdc\+\+6|libcrypt1|libpam|libperl|libc-bin|lib.*-(bin|dev|perl|data)$)/.test(
        name,
      ),
  );
  const files = await debianFiles(`${server}-debian`, [server, `postgresql-client-${version}`, ...libraries]);
  return {
    bin: join(files, `usr/lib/postgresql/${version}/bin`),
    env: { ...process.env, LD_LIBRARY_PATH: debianLibraries(files) },
  };
}

function nobody() {
  const id = (flag) => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

await runAsCommand(import.meta.url, 'postgres', start);
