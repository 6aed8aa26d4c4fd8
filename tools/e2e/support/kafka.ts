import { connect, createServer, type Server, type Socket } from 'node:net';

import kafkajs from 'kafkajs';
import { compress, uncompress } from 'snappyjs';

import { start } from '../../servers/kafka.mjs';
import { eventually, temporaryFolder } from './system.js';

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;

// Also where none of our own clients was made before, which would bring it along.
CompressionCodecs[CompressionTypes.Snappy] = () => ({
  compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(compress(buffer)),
  decompress: (buffer: Buffer) => Promise.resolve(uncompress(buffer)),
});

/** A record of a topic as somebody else's reader sees it. */
export interface Stored {
  topic: string;
  partition: number;
  key: string;
  id: string;
  headers: Record<string, string>;
  value: Buffer;
}

/** kafkajs by itself: what our own code did is checked with it. */
export const plainKafka = (port: number) =>
  new Kafka({ brokers: [`127.0.0.1:${String(port)}`], logLevel: logLevel.NOTHING });

/** Everything in the topics, read by kafkajs alone, up to what is there now. */
export async function readAll(port: number, topics: string[]): Promise<Stored[]> {
  const kafka = plainKafka(port);
  const admin = kafka.admin();
  await admin.connect();
  let left = 0;
  for (const topic of topics) {
    for (const { high, low } of await admin.fetchTopicOffsets(topic)) left += Number(high) - Number(low);
  }
  await admin.disconnect();
  const found: Stored[] = [];
  const consumer = kafka.consumer({ groupId: `reader-${String(Math.random())}` });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ topic, partition, message: { key, value, headers = {} } }) => {
      const texts = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)]));
      const id = texts['ce_id'] ?? '';
      found.push({ topic, partition, key: String(key), id, headers: texts, value: value ?? Buffer.alloc(0) });
      return Promise.resolve();
    },
  });
  await eventually(`${String(left)} records`, () => Promise.resolve(found.length >= left ? true : undefined));
  await consumer.disconnect();
  return found;
}

/** A broker whose folder and port stay when it is killed. */
export async function useBroker(options: { advertise?: number } = {}) {
  const folder = temporaryFolder();
  let broker = await start({ dir: folder.path, ...options });
  const { port } = broker;
  return {
    port,
    brokers: [`127.0.0.1:${String(port)}`],
    kill: async () => {
      process.kill(broker.pid, 'SIGKILL');
      await broker.stop();
    },
    restart: async () => {
      broker = await start({ dir: folder.path, port, ...options });
    },
    end: async () => {
      await broker.stop();
      folder.remove();
    },
  };
}

const PRODUCE = 0;

/** What a proxy does to the answer of a produce request: waits, or breaks the connection instead of passing it on. */
export interface Fault {
  delayMs?: number;
  lose?: boolean;
}

/**
 * Stands between clients and a broker that advertises the proxy's port. Requests pass; `fault` is asked for each produce request
 * what becomes of its answer. https://kafka.apache.org/protocol: a frame is its length (int32), a request begins with its kind (int16), a
 * version (int16) and its number (int32), an answer with that number.
 */
export class KafkaProxy {
  /** The broker's own port, set when it is known. */
  target = 0;
  fault: () => Fault = () => ({});
  connects = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((client) => {
      this.#serve(client);
    });
  }

  static async start(): Promise<KafkaProxy> {
    const proxy = new KafkaProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket): void {
    this.connects++;
    const broker = connect(this.target, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true).on('error', end).on('close', end);
    }
    const faults = new Map<number, Fault>();
    client.on(
      'data',
      frames((frame) => {
        if (frame.readInt16BE(4) === PRODUCE) faults.set(frame.readInt32BE(8), this.fault());
        broker.write(frame);
      }),
    );
    broker.on(
      'data',
      frames((frame) => {
        const { delayMs = 0, lose = false } = faults.get(frame.readInt32BE(4)) ?? {};
        faults.delete(frame.readInt32BE(4));
        if (lose) end();
        else if (delayMs > 0) setTimeout(() => client.write(frame), delayMs);
        else client.write(frame);
      }),
    );
  }
}

/** Puts the pieces of a stream together to whole frames, their length included. */
function frames(take: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  };
}

/** mulberry32: the same numbers in [0, 1) each time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
