import { join } from 'node:path';
import { Journal } from '@unhinged/events/journal';
import { forgetKafka, startKafkaFeed } from './consume/kafka-feed.js';
import { Counters } from './counters.js';
import { startEmbedded, type EmbeddedStats } from './embedded/start-embedded.js';
import { resolveOptions, type BridgeOptions, type BridgePorts } from './options.js';
import { startIngest } from './start-ingest.js';
import { startOrStop } from './stop-stack.js';
import { VERSION } from './version.js';

/** Consumed events that are kept: after a restart the console shows what was last. */
const REPLAY_BYTES = 64 * 1024 * 1024;

/** A bridge that runs. */
export interface Bridge {
  readonly ports: Readonly<BridgePorts>;
  /** Every counter by its name in `/metrics`, and the state of the journal and of what reads it. */
  stats(): BridgeStats;
  /** Resolves when all that was accepted before the call is stored for good: in the journal, and from there in the lake. */
  flush(): Promise<void>;
  /** Refuses new requests, finishes those under way, flushes, closes. Safe to call more than once. */
  stop(): Promise<void>;
}

export interface BridgeStats {
  counters: Record<string, number>;
  journal: ReturnType<Journal['stats']>;
  embedded: EmbeddedStats;
}

/**
 * Starts the bridge of one machine: OTLP in over gRPC and HTTP, and what Kafka holds where `kafka` names brokers; events into the
 * journal, from there into the lake, the alerts and the console. An OTLP request is answered when all its events are durable.
 *
 * @throws ObservabilityError `bad_option`, `bad_policy`, `data_dir`, `port_taken`, `listen_failed`, or what the journal and the
 * embedded parts throw (a journal that another process owns, for example). What had started is stopped again.
 */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const resolved = resolveOptions(options);
  const { dataDir, host, ports, policy, webhooks, pageDir, lakeFlushMs, limits, uploadToken, kafka } =
    resolved;
  return startOrStop(async (started) => {
    const counters = new Counters();
    // Until the receivers are there, the ports they will ask for.
    let bound: Omit<BridgePorts, 'console'> = ports;
    const journal = await Journal.open({
      dir: join(dataDir, 'journal'),
      capBytes: limits.journalBytes,
      onFull: 'block',
      retainBytes: Math.min(REPLAY_BYTES, limits.journalBytes / 2),
    });
    started.add(() => journal.close());
    const embedded = await startEmbedded({
      ...{ journal, dataDir, policy, webhooks, counters, version: VERSION },
      console: { host, port: ports.console, pageDir, uploadToken },
      ports: () => bound,
      lakeOptions: { flushMs: lakeFlushMs },
    });
    started.add(() => embedded.stop());
    const ingest = await startIngest(journal, counters, resolved);
    started.add(() => ingest.stop());
    bound = ingest.ports;
    if (kafka === undefined) {
      await forgetKafka(journal);
    } else {
      const feed = await startKafkaFeed(journal, counters, kafka);
      started.add(() => feed.stop());
    }
    return {
      ports: { ...ingest.ports, console: embedded.consolePort },
      stats: () => ({ counters: counters.snapshot(), journal: journal.stats(), embedded: embedded.stats() }),
      flush: async () => {
        await ingest.drain();
        await embedded.flush();
      },
      stop: () => started.stop(),
    };
  });
}
