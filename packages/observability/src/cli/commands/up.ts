import { connect } from 'node:net';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Bridge } from '@unhinged/observability-bridge';
import { parsePolicy } from '@unhinged/observability-core';
import { Failure, toFailure } from '../failure.js';
import { collect, DEFAULT_DATA, httpUrl, readJson, wholeNumber } from '../options.js';
import { describeTaken, shiftedPorts, takenPorts, type Ports } from '../ports/ports.js';
import { stopAndExit, untilStopped } from '../signals.js';

interface UpOptions {
  data: string;
  host: string;
  grpcPort?: number;
  httpPort?: number;
  prometheusPort?: number;
  consolePort?: number;
  portOffset: number;
  policy?: string;
  webhook: string[];
  corsOrigin?: string[];
  flushInterval?: number;
  kafkaBrokers?: string[];
  kafkaGroup: string;
  json?: boolean;
}

const port = wholeNumber(0, 65_535);

export function upCommand(): Command {
  return new Command('up')
    .description('Start everything on this machine: OTLP in, journal, lake, alerts, console.')
    .option('--data <dir>', 'folder for journal, lake and state', DEFAULT_DATA)
    .option(
      '--host <address>',
      'address to listen on; others than this machine reach only what is not 127.0.0.1',
      '127.0.0.1',
    )
    .option('--port-offset <n>', 'add this to every port', wholeNumber(0, 50_000), 0)
    .option('--grpc-port <port>', 'OTLP/gRPC (default: 4317; 0 takes any)', port)
    .option('--http-port <port>', 'OTLP/HTTP (default: 4318)', port)
    .option('--prometheus-port <port>', 'Prometheus metrics (default: 8889)', port)
    .option('--console-port <port>', 'console (default: 4319)', port)
    .option('--policy <file>', 'JSON file with sampling, windows and alerts')
    .option(
      '--webhook <url>',
      'is told of every alert; may be given several times',
      (url, before: string[]) => collect(httpUrl(url), before),
      [],
    )
    .option(
      '--cors-origin <origin>',
      'web origin that may send telemetry; may be given several times (default: localhost)',
      collect,
    )
    .option(
      '--flush-interval <seconds>',
      'write Parquet this often (default: 60, or 100,000 rows)',
      wholeNumber(1, 3_600),
    )
    .addOption(
      new Option(
        '--kafka-brokers <list>',
        'also read the stream of these brokers, host:port separated by commas',
      )
        .env('KAFKA_BROKERS')
        .argParser((list) =>
          list
            .split(',')
            .map((broker) => broker.trim())
            .filter((broker) => broker !== ''),
        ),
    )
    .addOption(
      new Option('--kafka-group <name>', 'consumer group to read it in')
        .env('KAFKA_GROUP')
        .default('unhinged-bridge'),
    )
    .option('--json', 'print the addresses as one JSON object')
    .addHelpText(
      'after',
      `
Prints \`ready\` on a line of its own when every port answers. Ctrl-C or SIGTERM writes what is under way and stops; a second
one stops at once. Exit codes: 0 stopped, 1 failed (a port is taken, the folder cannot be used), 2 bad input.

Examples:
  $ unhinged up
  $ unhinged up --data /var/lib/unhinged --policy policy.json --webhook http://localhost:9000/alerts
  $ unhinged up --port-offset 1000
  $ unhinged up --kafka-brokers localhost:9092`,
    )
    .action(up);
}

async function up(options: UpOptions): Promise<void> {
  const policy = options.policy === undefined ? undefined : readPolicy(options.policy);
  const ports = shiftedPorts(options.portOffset, {
    grpc: options.grpcPort,
    http: options.httpPort,
    prometheus: options.prometheusPort,
    console: options.consolePort,
  });
  const pageDir = consolePage();
  const bridge = await start(options, ports, policy, pageDir);
  const stopped = untilStopped();
  await everyPortAnswers(options.host, bridge.ports);
  printAddresses(options, bridge.ports, pageDir);
  console.log('ready');
  await stopped;
  await stopAndExit(() => bridge.stop());
}

function readPolicy(file: string): unknown {
  const json = readJson(file);
  try {
    parsePolicy(json);
    return json;
  } catch (error) {
    throw new Failure(2, `${file}: ${toFailure(error).message}`, { cause: error });
  }
}

async function start(
  options: UpOptions,
  ports: Ports,
  policy: unknown,
  pageDir: string | undefined,
): Promise<Bridge> {
  const taken = await takenPorts(options.host, ports);
  if (taken.length > 0) {
    const lines = [
      ...taken.map(describeTaken),
      'Stop what takes it, or move every port: unhinged up --port-offset 1000',
    ];
    throw new Failure(1, lines.join('\n'));
  }
  // Loaded here: the other commands start faster without it.
  // The gRPC library would print its own line beside each of our errors. It reads this when it is loaded.
  process.env['GRPC_VERBOSITY'] ??= 'NONE';
  const { startBridge } = await import('@unhinged/observability-bridge');
  try {
    return await startBridge({
      dataDir: resolve(options.data),
      host: options.host,
      ports,
      policy,
      webhooks: options.webhook,
      ...(options.corsOrigin && { corsOrigins: options.corsOrigin }),
      pageDir,
      uploadToken: process.env['UNHINGED_UPLOAD_TOKEN'],
      lakeFlushMs: options.flushInterval === undefined ? undefined : options.flushInterval * 1_000,
      kafka: options.kafkaBrokers?.length
        ? { brokers: options.kafkaBrokers, groupId: options.kafkaGroup }
        : undefined,
    });
  } catch (error) {
    throw toFailure(error);
  }
}

/** Folder of the built console page. Undefined in a checkout where it is not built. */
function consolePage(): string | undefined {
  try {
    const page = fileURLToPath(import.meta.resolve('@unhinged/observability-console/page/index.html'));
    return existsSync(page) ? dirname(page) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Failure when a port that was just opened does not take a connection. */
async function everyPortAnswers(host: string, ports: Ports): Promise<void> {
  const at = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  for (const number of Object.values(ports) as number[]) {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({ host: at, port: number, timeout: 10_000 });
      socket.once('connect', () => {
        socket.destroy();
        resolve();
      });
      const fail = () => {
        socket.destroy();
        reject(new Failure(1, `Port ${number} on ${at} does not answer.`));
      };
      socket.once('error', fail).once('timeout', fail);
    });
  }
}

function printAddresses(options: UpOptions, ports: Ports, pageDir: string | undefined): void {
  const host = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(options.host) ? 'localhost' : options.host;
  const data = resolve(options.data);
  const urls = {
    console: `http://${host}:${ports.console}`,
    otlpHttp: `http://${host}:${ports.http}`,
    otlpGrpc: `http://${host}:${ports.grpc}`,
    prometheus: `http://${host}:${ports.prometheus}/metrics`,
  };
  if (options.json) {
    console.log(JSON.stringify({ urls, ports, data, page: pageDir !== undefined }));
    return;
  }
  console.log(`Console     ${urls.console}`);
  if (pageDir === undefined) {
    console.log(
      '            its page is not built (npx nx build @unhinged/observability-console); its API answers',
    );
  }
  console.log(`OTLP        HTTP ${urls.otlpHttp}  gRPC ${urls.otlpGrpc}`);
  console.log(`Prometheus  ${urls.prometheus}`);
  console.log(`Data        ${data}`);
}
