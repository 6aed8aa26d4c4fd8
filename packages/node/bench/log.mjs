// CPU of a log line inside an active span, as a request handler writes it: ten lines a turn, each with a message, six fields and the
// ids of the span. Every way writes to /dev/null through file descriptor 1, each sample in a process of its own, in turn, so that a
// busy moment of the machine does not fall on one of them. Of all windows of 10,000 lines, each with some collections of garbage, the
// fastest counts: shared machines run at this speed or that for seconds on end. D and L are measured until a line is encoded in the
// request that will leave; what the delivery costs is the subject of `bench export`.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const WINDOWS = 40;
const TURNS = 100;
/** Between two requests that leave. */
const BURSTS_OF_A_WINDOW = 10;
const LINES_OF_A_TURN = 10;
/** Before the clock starts: sockets, and the receiver, which is in this process, have things to do for a while after a request has left. */
const TURNS_TO_SETTLE = 30;
const WAYS = ['nothing', 'pino', 'C', 'CDL', 'DL', 'winston', 'console.log', 'pino-disabled', 'disabled'];

export async function measure() {
  const samples = Object.fromEntries(WAYS.map((way) => [way, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of WAYS) samples[way].push(inProcess(way));
  }
  const best = (way) => Math.min(...samples[way]);
  // Without what the loop itself costs: turns, active spans, the objects that are logged.
  const cpu = (way) => best(way) - (way.endsWith('disabled') ? 0 : best('nothing'));
  const against = (name, way, peerName, peer, limit) => ({
    name,
    value: cpu(way),
    unit: 'µs',
    peer: peerName,
    peerValue: cpu(peer),
    ratio: cpu(way) / cpu(peer),
    ...(limit && { goal: `<= ${limit}`, met: cpu(way) / cpu(peer) <= limit }),
  });
  return [
    against('line with trace ids, C', 'C', 'pino sync', 'pino', 0.5),
    against('line with trace ids, CDL, until it is encoded', 'CDL', 'C', 'C', 1.6),
    against('line with trace ids, DL, until it is encoded', 'DL', 'C', 'C'),
    {
      name: 'disabled call',
      value: cpu('disabled') * 1000,
      unit: 'ns',
      peer: 'pino',
      peerValue: cpu('pino-disabled') * 1000,
      ratio: cpu('disabled') / cpu('pino-disabled'),
      goal: '<= 10 ns',
      met: cpu('disabled') * 1000 <= 10,
    },
    against('line with trace ids, winston', 'winston', 'pino sync', 'pino'),
    against('line with trace ids, console.log(JSON.stringify)', 'console.log', 'pino sync', 'pino'),
  ];
}

function inProcess(way) {
  const devNull = openSync('/dev/null', 'w');
  try {
    const { stderr, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), way], {
      encoding: 'utf8',
      stdio: ['ignore', devNull, 'pipe'],
      env: { ...process.env, NODE_ENV: 'production', LOG_FLAGS: '' },
    });
    if (status !== 0) throw new Error(`${way}: ${stderr}`);
    return Number(stderr.trim().split('\n').at(-1));
  } finally {
    closeSync(devNull);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const us = await sample(process.argv[2]);
  process.stderr.write(`${us}\n`, () => process.exit());
}

/** Microseconds of CPU for one line. */
async function sample(way) {
  const { trace, context, ROOT_CONTEXT } = await import('@opentelemetry/api');
  const { line, settle, isDisabled } = await start(way);
  const span = trace.getTracer('bench').startSpan('request', {}, ROOT_CONTEXT);
  const active = trace.setSpan(ROOT_CONTEXT, span);
  const calls = isDisabled ? LINES_OF_A_TURN * 1_000 : LINES_OF_A_TURN;
  const turns = async (count, window) => {
    for (let turn = 0; turn < count; turn++) {
      context.with(active, () => {
        for (let index = 0; index < calls; index++) line(window * 1_000 + index);
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const samples = [];
  const windows = isDisabled ? 4 : WINDOWS;
  // The first windows are for the compiler.
  for (let window = -Math.ceil(windows / 4); window < windows; window++) {
    let spent = 0;
    for (let burst = 0; burst < BURSTS_OF_A_WINDOW; burst++) {
      await turns(TURNS_TO_SETTLE, window);
      const before = process.cpuUsage();
      await turns(TURNS, window);
      const { user, system } = process.cpuUsage(before);
      spent += user + system;
      await settle();
    }
    if (window >= 0) samples.push(spent / (BURSTS_OF_A_WINDOW * TURNS * calls));
  }
  return Math.min(...samples);
}

async function start(way) {
  const { createLogger, startNode } = await import('@unhinged/observability-node');
  const { trace } = await import('@opentelemetry/api');
  const server = createServer((request, response) => request.resume().on('end', () => response.end()));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  // One batch a window, so that a request leaves between the windows and not within one.
  process.env.OTEL_BLRP_MAX_EXPORT_BATCH_SIZE = '4000';
  process.env.OTEL_BLRP_SCHEDULE_DELAY = '60000';
  const sdk = startNode({
    service: 'bench',
    endpoint: `http://127.0.0.1:${server.address().port}`,
    protocol: 'http/protobuf',
    instrumentations: false,
    metrics: false,
    environment: 'production',
    handleExit: false,
  });
  const settle = () => sdk.flush();
  const ids = () => {
    const { traceId, spanId } = trace.getActiveSpan().spanContext();
    return { traceId, spanId };
  };
  const fields = (index) => ({
    userId: 'u-18822',
    orderId: `o-${index}`,
    items: 3,
    total: 59.9,
    express: true,
    path: '/api/orders/:id/confirm',
  });
  const message = 'order confirmed and handed to shipping';
  switch (way) {
    case 'pino':
    case 'pino-disabled': {
      const { pino } = await import('pino');
      const log = pino({ base: { service: 'bench' }, mixin: ids }, pino.destination({ fd: 1, sync: true }));
      if (way === 'pino') return { line: (index) => log.info(fields(index), message), settle };
      return { line: () => log.debug(message), settle, isDisabled: true };
    }
    case 'winston': {
      const { default: winston } = await import('winston');
      const { combine, json, timestamp } = winston.format;
      const withIds = winston.format((info) => Object.assign(info, ids()));
      const log = winston.createLogger({
        defaultMeta: { service: 'bench' },
        format: combine(timestamp(), withIds(), json()),
        transports: [new winston.transports.Console()],
      });
      return { line: (index) => log.info(message, fields(index)), settle };
    }
    case 'console.log':
      return {
        line: (index) =>
          console.log(
            JSON.stringify({
              time: new Date().toISOString(),
              level: 'info',
              service: 'bench',
              message,
              ...ids(),
              metadata: fields(index),
            }),
          ),
        settle,
      };
    case 'nothing':
      return { line: (index) => fields(index), settle };
    case 'disabled': {
      const log = createLogger({ flags: 'debug=---' });
      return { line: () => log.debug(message), settle, isDisabled: true };
    }
    default: {
      const log = createLogger({ flags: way });
      return { line: (index) => log.info(message, fields(index)), settle };
    }
  }
}
