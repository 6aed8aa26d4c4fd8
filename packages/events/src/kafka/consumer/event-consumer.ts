import { deadline } from '@unhinged/observability-core';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';

import { backoffMs } from '../backoff.js';
import { createKafka, KafkajsClient } from '../kafkajs-client.js';
import { Lane } from '../lane.js';
import { type ResolvedKafkaOptions, resolveKafkaOptions } from '../options.js';
import { createMissingTopics } from '../topics.js';
import {
  EVENT_TOPICS,
  type EventConsumerOptions,
  type EventConsumerStats,
  type ResolvedConsumerOptions,
  resolveConsumerOptions,
} from './consumer-options.js';
import { type ConsumerMeter, observeConsumer } from './consumer-metrics.js';
import type { Gap } from './gap-detector.js';
import { partitionEnds, placeOf } from './partition-ends.js';
import { readMessage, type ReadEvent } from './read-message.js';
import { Stream } from './stream.js';

const CHECK_MS = 1_000;

/**
 * Reads the stream from Kafka into a sink: typed events, and the OTLP batches of the Collector's exporter in the same topics. An event that comes
 * twice is stored once. Runs until `stop()`, through any outage of the brokers; memory is bounded, since nothing is fetched while
 * the sink does not take it.
 *
 * @example
 * const consumer = new EventConsumer({ brokers: ['localhost:9092'], groupId: 'archive', sink: journalSink(journal) });
 * await consumer.start();
 */
export class EventConsumer {
  readonly #options: ResolvedConsumerOptions;
  readonly #resolved: ResolvedKafkaOptions;
  readonly #kafka: Kafka;
  readonly #client: KafkajsClient;
  readonly #lane: Lane;
  readonly #meter: ConsumerMeter | undefined;
  readonly #stopping = new AbortController();
  readonly #rejected = new Map<string, number>();
  /** Ends of the partitions that we read, as the brokers told them with the last batch. */
  #ends = new Map<string, number>();
  #assigned = new Set<string>();
  #partitions = 0;
  #stream: Stream | undefined;
  #running: Promise<void> | undefined;
  #unobserve: () => void = () => undefined;
  /** One store at a time. */
  #storing: Promise<unknown> = Promise.resolve();
  #failing = 0;
  /** When we were given our partitions. */
  #joinedAt = 0;

  /** @throws ObservabilityError `bad_option` */
  constructor(options: EventConsumerOptions) {
    this.#resolved = resolveKafkaOptions(options);
    this.#options = resolveConsumerOptions(options);
    this.#meter = options.meter;
    this.#kafka = createKafka(this.#resolved, () => undefined);
    this.#client = new KafkajsClient(this.#resolved);
    this.#lane = new Lane({ client: this.#client, onTrouble: this.#options.onTrouble });
  }

  /** Reads back what the sink has, then begins. @throws what the sink throws. */
  async start(): Promise<void> {
    const { sink, dedupeIds, maxEmitters, groupId } = this.#options;
    this.#stream = await Stream.open({
      sink,
      dedupeIds,
      maxEmitters,
      service: groupId,
      now: Date.now,
      elapsed,
    });
    if (this.#meter) this.#unobserve = observeConsumer(this.#meter, groupId, () => this.stats());
    this.#running = Promise.all([this.#run(this.#stream), this.#watchGaps(this.#stream)]).then(
      () => undefined,
    );
  }

  /** Resolves true when everything that is in the topics now is stored; false after `timeoutMs` (default 10,000). */
  async caughtUp(timeoutMs = 10_000): Promise<boolean> {
    const { signal, done } = deadline(timeoutMs, this.#stopping.signal);
    try {
      let ends: ReadonlyMap<string, number> | undefined;
      while (!signal.aborted) {
        ends ??= await this.#readEnds().catch(() => undefined);
        if (ends !== undefined && this.#reached(ends)) return true;
        await pause(50, signal);
      }
      return false;
    } finally {
      done();
    }
  }

  /** Ends after the batch under way is stored; the next start goes on behind it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#storing.catch(() => undefined);
    this.#unobserve();
    await this.#client.close();
  }

  stats(): EventConsumerStats {
    const { events = 0, duplicates = 0, gaps } = this.#stream?.stats() ?? {};
    let lag = 0;
    for (const [place, end] of this.#ends) lag += Math.max(0, end - (this.#stream?.position(place) ?? 0));
    return {
      events,
      duplicates,
      rejected: Object.fromEntries(this.#rejected),
      deadLettered: this.#lane.stats().deadLettered,
      gaps: { ...(gaps ?? { lost: 0, late: 0, pending: 0 }), watched: this.#isWatched() },
      lag,
      failing: this.#failing,
    };
  }

  #isWatched(): boolean {
    const { topics } = this.#options;
    const all = EVENT_TOPICS.every((topic) => topics.includes(topic));
    return all && this.#partitions > 0 && this.#assigned.size === this.#partitions;
  }

  /** One connection after the other, until stopped. */
  async #run(stream: Stream): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#session(stream);
      } catch (error) {
        this.#failing++;
        this.#options.onTrouble(error);
        await pause(backoffMs(this.#failing), signal);
      }
    }
  }

  /** Reads until stopped, or until something fails. */
  async #session(stream: Stream): Promise<void> {
    const { groupId, topics, sessionTimeoutMs } = this.#options;
    const { signal } = this.#stopping;
    if (this.#resolved.createTopics !== false) {
      await createMissingTopics(this.#kafka, topics, this.#resolved.createTopics);
    }
    this.#ends = await this.#readEnds();
    const consumer = this.#kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 3),
      maxWaitTimeInMs: 250,
      // Together at most this much is in memory, whatever is in the topics.
      maxBytesPerPartition: 1024 * 1024,
      maxBytes: 8 * 1024 * 1024,
      retry: { retries: 0 },
    });
    const over = new AbortController();
    const ended = new Promise<Error | undefined>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        resolve(payload.error);
      });
      const stop = (): void => {
        resolve(undefined);
      };
      signal.addEventListener('abort', stop, { signal: over.signal });
      if (signal.aborted) stop();
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      const places = Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => placeOf(topic, partition)),
      );
      this.#assigned = new Set(places);
      this.#joinedAt = elapsed();
      this.#failing = 0;
      for (const place of [...this.#ends.keys()]) if (!this.#assigned.has(place)) this.#ends.delete(place);
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.#take(stream, consumer, payload),
      });
      const failure = await ended;
      if (failure !== undefined) throw failure;
    } finally {
      over.abort();
      this.#assigned.clear();
      await consumer.disconnect().catch(() => undefined);
    }
  }

  async #take(stream: Stream, consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { topic, partition, messages } = batch;
    const place = placeOf(topic, partition);
    const first = Number(batch.firstOffset());
    const end = Number(batch.highWatermark);
    this.#ends.set(place, end);
    const position = stream.position(place) ?? 0;
    if (first < position && position <= end) {
      // The sink has more than the group's offset says: its word counts.
      consumer.seek({ topic, partition, offset: String(position) });
      return;
    }
    const events: ReadEvent[] = [];
    for (const message of messages) {
      try {
        const read = readMessage(topic, partition, message);
        for (const event of read.events) events.push(event);
        for (const { reason, items } of read.rejected) {
          this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + items);
        }
      } catch (error) {
        const { key, value, headers = {} } = message;
        const texts = Object.entries(headers).map(([name, text]) => [name, String(text)]);
        const letter = {
          topic,
          key: String(key ?? ''),
          value: value ?? new Uint8Array(),
          headers: Object.fromEntries(texts) as Record<string, string>,
        };
        if (!(await this.#lane.bury(letter, 'undecodable', error, this.#stopping.signal))) return;
      }
    }
    const last = messages.at(-1);
    if (last === undefined || !payload.isRunning() || payload.isStale()) return;
    // A sink that takes long must not cost us our place in the group.
    const beat = setInterval(() => void payload.heartbeat().catch(() => undefined), 1_000);
    try {
      const stored = await this.#exclusive(() => stream.take(events, place, Number(batch.lastOffset()) + 1));
      if (stored) payload.resolveOffset(last.offset);
    } finally {
      clearInterval(beat);
    }
  }

  /** Gaps among what was read, each told when all that was in the topics has been read. */
  async #watchGaps(stream: Stream): Promise<void> {
    const { signal } = this.#stopping;
    const { gapGraceMs, onGap, onTrouble } = this.#options;
    while (!signal.aborted) {
      await pause(Math.min(CHECK_MS, gapGraceMs), signal);
      // What a broker that was killed has of a batch is only part of it: the rest comes again once it is back.
      const settled = this.#isWatched() && elapsed() - this.#joinedAt >= gapGraceMs;
      const mark = settled ? stream.gaps.mark(gapGraceMs) : undefined;
      if (mark === undefined) continue;
      try {
        const ends = await this.#readEnds();
        while (!this.#reached(ends) && this.#isWatched() && !isAborted(signal)) await pause(100, signal);
        if (!this.#isWatched() || isAborted(signal)) continue;
        let gaps: Gap[] | undefined;
        const told = await this.#exclusive(() => stream.report((gaps ??= stream.gaps.settle(mark))));
        if (told) gaps?.forEach(onGap);
      } catch (error) {
        onTrouble(error);
      }
    }
  }

  /** Runs one piece of work of the sink after the other, each until it succeeds. False when stopped before. */
  #exclusive(work: () => Promise<void>): Promise<boolean> {
    const done = this.#storing.then(() => this.#until(work));
    this.#storing = done.catch(() => undefined);
    return done;
  }

  async #until(work: () => Promise<void>): Promise<boolean> {
    for (let failures = 0; !this.#stopping.signal.aborted || failures === 0;) {
      try {
        await work();
        return true;
      } catch (error) {
        failures++;
        this.#options.onTrouble(error);
        await pause(backoffMs(failures), this.#stopping.signal);
      }
    }
    return false;
  }

  async #readEnds(): Promise<Map<string, number>> {
    const ends = await partitionEnds(this.#kafka, this.#options.topics);
    this.#partitions = ends.size;
    return ends;
  }

  #reached(ends: ReadonlyMap<string, number>): boolean {
    for (const [place, end] of ends) if ((this.#stream?.position(place) ?? 0) < end) return false;
    return true;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
}

const elapsed = (): number => performance.now();

/** A call, because it may have changed while something was waited for. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
