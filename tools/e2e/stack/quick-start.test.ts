import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { installLoader } from '../../check-docker/loader.mjs';
import { type RunningStack, startStack, withPatience } from './running-stack.js';
import { followTopics, type Topics } from './topics.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Every command of the page, in order. */
const commands = readFileSync(`${root}docs/quick-start.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('    '))
  .map((line) => line.trim());

function succeeds(program: string, args: string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NX_DAEMON: 'false', ...env },
  });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${String(status)}: ${stderr}${stdout}`);
  return stdout;
}

describe('docs/quick-start.md, command by command', () => {
  let stack: RunningStack;
  let topics: Topics;
  const exported: Record<string, string> = {};

  beforeAll(async () => {
    stack = await startStack(['kafka', 'collector']);
    topics = await followTopics(`127.0.0.1:${String(stack.port('kafka', 'broker'))}`);
  });
  afterAll(async () => {
    await topics.stop();
    await stack.stop();
  });

  /** What a command of the page means here, where there is no Docker. */
  async function play(command: string): Promise<void> {
    const words = command.split(/\s+/);
    if (command.startsWith('docker compose ')) {
      // What Compose does before it asks Docker.
      const files = words.filter((_, index) => words[index - 1] === '-f');
      const needs = command.includes('--env-file');
      const env = { GRAFANA_ADMIN_PASSWORD: needs ? 'given' : undefined };
      expect(succeeds(await installLoader(), ['compose', ...files], env)).toContain('"otel-collector"');
    } else if (command.startsWith('npx nx run tools:stack -- ')) {
      // Starting and stopping is what beforeAll and afterAll do, on other ports.
      const [verb] = words.slice(5);
      expect(['up', 'status', 'down']).toContain(verb);
      if (verb === 'status') succeeds('npx', words.slice(1));
    } else if (command.startsWith('./proto/')) {
      succeeds(command, []);
    } else if (command.startsWith('npm install ')) {
      // `npm run release:rehearse` installs it as a customer would.
      const { name } = JSON.parse(readFileSync(`${root}packages/observability/package.json`, 'utf8')) as {
        name: string;
      };
      expect(words[2]).toBe(name);
    } else if (command.startsWith('export ')) {
      const [name = '', value = ''] = command.slice('export '.length).split(/=(.*)/s);
      exported[name] = value;
    } else {
      throw new Error(`the page has a command that this test does not know: ${command}`);
    }
  }

  test.each(commands)('%s', play);

  test('a service with these three variables and nothing else arrives under its name and version', async () => {
    expect(exported['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe('http://localhost:4318');
    const child = spawn(
      process.execPath,
      [
        ...['--import', '@unhinged/observability-node/register', '--input-type=module', '-e'],
        `import { createLogger } from '@unhinged/observability-node';
         createLogger({ flags: 'CDL' }).info('started');`,
      ],
      {
        cwd: `${root}packages/demo`,
        stdio: 'ignore',
        env: {
          ...process.env,
          ...exported,
          // On 4318 the SDK takes HTTP by itself; the test has another port.
          OTEL_EXPORTER_OTLP_ENDPOINT: stack.url('collector', 'http'),
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        },
      },
    );
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    const log = await withPatience('its line in Kafka', 2, () =>
      Promise.resolve(
        topics.logs.find(({ resource }) => resource?.serviceName === exported['OTEL_SERVICE_NAME']),
      ),
    );
    expect(log.resource?.serviceVersion).toBe('1.0.0');
  });
});
