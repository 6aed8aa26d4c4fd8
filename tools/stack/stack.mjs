// The servers of the whole architecture as processes on 127.0.0.1, as a library. The command is main.mjs.
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

import { pidOf, startDetached, stop } from './processes.mjs';
import { groups, servers } from './servers.mjs';

export const serverNames = Object.keys(servers);

/**
 * The stack in folder `dir`: data, records of the processes, and logs. Every port is its usual one plus `offset`.
 * `env` reaches the servers, `say(line)` receives the progress.
 */
export function openStack({ dir, offset = 0, env = process.env, say = () => undefined }) {
  const record = (name) => join(dir, `${name}.json`);
  const log = (name) => join(dir, 'logs', `${name}.log`);
  const port = (server, name) => servers[server].ports[name] + offset;
  const portsOf = (name) =>
    Object.fromEntries(Object.keys(servers[name].ports).map((each) => [each, port(name, each)]));

  /** Installs what is missing, starts what does not run, and resolves with `status()` when each is healthy. */
  async function up(names) {
    for (const name of named(names)) {
      if (pidOf(record(name)) !== undefined) {
        say(`${name} runs already`);
        continue;
      }
      await start(name);
    }
    return status();
  }

  async function start(name) {
    const ports = portsOf(name);
    for (const [use, number] of Object.entries(ports)) {
      if (await isTaken(number)) throw new Error(`${name}: port ${number} (${use}) is taken; try --offset`);
    }
    const folder = join(dir, name);
    mkdirSync(folder, { recursive: true });
    const recipe = await servers[name].prepare({ dir: folder, ports, port, env });
    const begun = Date.now();
    const pid = await startDetached({ env, ...recipe, log: log(name), record: record(name) });
    say(`${name} is healthy after ${((Date.now() - begun) / 1000).toFixed(1)} s, process ${pid}`);
  }

  /** Stops them, the last started first; their data stays. */
  async function down(names = serverNames) {
    for (const name of named(names).reverse()) {
      if (await stop(record(name))) say(`${name} is stopped`);
    }
  }

  /** Ends a server without a word to it, as a crash would. */
  async function kill(name) {
    for (const each of named([name])) await stop(record(each), { signal: 'SIGKILL' });
  }

  /** Per server: its process id, or undefined, its ports and its log. */
  function status() {
    return Object.fromEntries(
      serverNames.map((name) => [name, { pid: pidOf(record(name)), ports: portsOf(name), log: log(name) }]),
    );
  }

  return { up, down, kill, status, port };
}

/** Those meant, in the order of their start. */
function named(names) {
  const all = names.flatMap((name) => groups[name] ?? [name]);
  const bad = all.find((name) => !serverNames.includes(name));
  if (bad !== undefined) {
    throw new Error(`no server '${bad}'; there are ${[...serverNames, ...Object.keys(groups)].join(', ')}`);
  }
  return serverNames.filter((name) => all.includes(name));
}

function isTaken(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
