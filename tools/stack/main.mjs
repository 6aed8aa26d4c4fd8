// `npx nx run tools:stack -- up kafka collector`, or `node tools/stack/main.mjs up …`. Progress on stderr, results on stdout.
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { root } from '../lib/run.mjs';
import { openStack, serverNames } from './stack.mjs';
import { servers } from './servers.mjs';

const help = `usage: npx nx run tools:stack -- up [SERVER…] | down [SERVER…] | status   [--offset N] [--dir DIR] [--json]

Runs the real servers of the architecture as processes on 127.0.0.1, without containers, with the configuration of docker/.
What is missing is fetched or built once from public registries (Go, Java, Maven and apt-get are used) and kept in ~/.cache/unhinged (UNHINGED_CACHE);
the first time this takes about 15 minutes on two cores.

  up       starts the servers named, all but flink when none is; waits until each is healthy
  down     stops those named, or all; data stays in DIR
  status   what runs, where, and where the logs are

  --offset N   adds N to every port
  --dir DIR    data, logs and process ids (default .unhinged/stack, with an offset .unhinged/stack-N)
  --json       status as one line of JSON on stdout

servers: ${serverNames.join(', ')}; flink stands for its two
from the environment: ALERT_WEBHOOK_URL, S3_ACCESS_KEY, S3_SECRET_KEY, COLLECTOR_DECISION_WAIT and the rest of docker/collector/config.yaml`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      offset: { type: 'string', default: '0' },
      dir: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [command, ...names] = positionals;
  if (values.help || command === undefined) {
    console.log(help);
    process.exit(values.help ? 0 : 2);
  }
  const offset = Number(values.offset);
  if (!Number.isInteger(offset) || offset < 0 || offset > 40_000) {
    throw new Error(`--offset takes a whole number from 0 to 40000, got '${values.offset}'`);
  }
  const dir = values.dir ?? join(root, '.unhinged', offset === 0 ? 'stack' : `stack-${offset}`);
  const stack = openStack({ dir, offset, say: (line) => console.error(`▸ ${line}`) });
  if (command === 'up')
    await stack.up(names.length > 0 ? names : serverNames.filter((each) => !each.startsWith('flink')));
  else if (command === 'down') await stack.down(names.length > 0 ? names : serverNames);
  else if (command !== 'status') throw new Error(`no command '${command}'; there are up, down and status`);
  print(stack.status(), values.json);
} catch (error) {
  console.error(`stack: ${error.message}`);
  process.exitCode = 1;
}

function print(status, json) {
  if (json) {
    console.log(JSON.stringify(status));
    return;
  }
  for (const [name, { pid, ports, log }] of Object.entries(status)) {
    if (pid === undefined) continue;
    const shown = Object.entries(servers[name].shown).map(([use, what]) => `${what} 127.0.0.1:${ports[use]}`);
    console.log(`${name.padEnd(13)} ${shown.join(', ')}\n${''.padEnd(13)} process ${pid}, ${log}`);
  }
}
