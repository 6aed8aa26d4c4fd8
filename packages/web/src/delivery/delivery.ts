import type { LogLine } from '@unhinged/observability-core';
import { listen } from '../listen.js';
import type { MetricData } from '../metrics/metric-data.js';
import type { WebSettings } from '../options.js';
import type { ReadableSpan } from '../recorder/span.js';
import { webResource } from '../resource.js';
import { SIGNALS, type Batch, type SignalName } from './batch.js';
import { Circuit } from './circuit.js';
import { writeLine } from './encode-line.js';
import { writeMetric } from './encode-metric.js';
import { writeSpan } from './encode-span.js';
import { gzip, gzipNow } from './gzip.js';
import { Outbox, type Item } from './outbox.js';
import { drop, noDelivery, type DeliveryStats, type DropCounts } from './stats.js';
import { StoredBatches } from './stored-batches.js';
import { Transport, type Outcome } from './transport.js';

/** What is recorded waits this long for company. */
const DELAY_MS = 1_000;
/** Smaller bodies are one packet as they are, and compressing takes the page most of a millisecond, however small they are. */
const MIN_GZIP_BYTES = 1_400;
/** Another tab sends what is in the queue: looked at again after this long. */
const LOOK_AGAIN_MS = 30_000;
const OWN_SCOPE = '@unhinged/observability-web';

/**
 * The way out. Items leave in batches, one request at a time; what cannot be sent goes to a queue on disk, and while the receiver is away
 * everything goes there.
 */
export class Delivery {
  readonly #settings: WebSettings;
  readonly #transport: Transport;
  readonly #circuit = new Circuit();
  readonly #queue: StoredBatches;
  readonly #stats = noDelivery();
  readonly #outbox: Outbox;
  /** Those of the outbox whose request has set out. */
  readonly #sent = new WeakSet<Batch>();
  /** Of a page that is left, and what goes to the queue. */
  readonly #onTheirWay = new Set<Promise<void>>();
  /** Is the receiver known to allow `Content-Encoding`? Across origins that is up to its CORS. */
  #mayGzip: boolean | undefined;
  /** The queue may hold something; at first that of earlier pages. */
  #mayBeQueued = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #fullTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pumping: Promise<void> | undefined;
  #unlisten: (() => void) | undefined;

  constructor(settings: WebSettings) {
    const { endpoint, offlineQueue } = settings;
    this.#settings = settings;
    this.#outbox = new Outbox(this.#stats, webResource(settings), () => this.#mayGzip === true);
    this.#transport = new Transport(endpoint);
    if (`${endpoint}/`.startsWith(`${location.origin}/`)) this.#mayGzip = true;
    this.#queue = new StoredBatches(`unhinged ${endpoint}`, offlineQueue, ({ signal, items }) => {
      drop(this.#stats.queue, 'expired', items, signal);
    });
    this.#cutLater();
  }

  addSpan(span: ReadableSpan, traceState: string): void {
    const { name, version } = span.instrumentationScope;
    this.#add('spans', (builder) => {
      builder.add(this.#settings.service, name, version, (writer) => {
        writeSpan(writer, span, traceState);
      });
    });
  }

  addLine(line: LogLine): void {
    this.#add('logs', (builder) => {
      builder.add(line.service, line.component || OWN_SCOPE, undefined, (writer) => {
        writeLine(writer, line);
      });
    });
  }

  addMetrics(list: readonly MetricData[]): void {
    for (const metric of list) {
      this.#add('metrics', (builder) => {
        builder.add(this.#settings.service, metric.scope, undefined, (writer) => {
          writeMetric(writer, metric);
        });
      });
    }
  }

  /** Resolves when everything was sent, or went to the queue. */
  async flush(): Promise<void> {
    this.#circuit.hurry();
    do {
      this.#outbox.cut();
      await this.#pump();
      await Promise.all(this.#onTheirWay);
    } while (this.#outbox.size > 0);
  }

  /**
   * The page may be gone after this: what waits is on its way when it returns, as far as the browser lets it.
   *
   * @param isGone It is, and comes back from the back/forward cache if at all.
   */
  leave(isGone: boolean): void {
    this.#listen();
    // Said first, and the page that goes is hidden after it.
    if (isGone) this.#transport.isLeft = true;
    this.#outbox.cut();
    // When there is not room for all: errors are lines.
    const batches = SIGNALS.flatMap((signal) =>
      [...this.#outbox].filter((batch) => batch.signal === signal && !this.#sent.has(batch)),
    );
    const isAway = this.#circuit.open || !navigator.onLine;
    const size = batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const compress = !this.#transport.outlives(size) && this.#mayGzip !== false;
    for (const batch of batches) {
      const packed = compress && !isAway ? { ...batch, bytes: gzipNow(batch.bytes), gzipped: true } : batch;
      if (isAway) this.#keepNow(batch);
      else if (this.#transport.outlives(packed.bytes.length)) this.#sendNow(batch, packed);
      else if (this.#transport.beacon(batch)) this.#settle(batch, { kind: 'sent', rejected: 0 });
      else this.#keepNow(batch, packed);
    }
  }

  /** Flushes, and gives back everything it took hold of. */
  async stop(): Promise<void> {
    await this.flush();
    this.#unlisten?.();
    clearTimeout(this.#timer);
    clearTimeout(this.#fullTimer);
    clearTimeout(this.#retryTimer);
    await this.#queue.close();
  }

  stats(): DeliveryStats {
    const copy = JSON.parse(JSON.stringify(this.#stats)) as DeliveryStats;
    for (const signal of SIGNALS) {
      const { recorded, sent, queued, dropped } = copy[signal];
      copy[signal].waiting =
        recorded - sent - queued - Object.values(dropped).reduce((sum, items) => sum + items, 0);
    }
    return copy;
  }

  #add(signal: SignalName, item: Item): void {
    const isFull = this.#outbox.add(signal, item);
    this.#cutLater();
    // What is full goes now, but not within the page's own work; what is not goes on waiting: each request has its price.
    if (isFull)
      this.#fullTimer ??= setTimeout(() => {
        this.#fullTimer = undefined;
        void this.#pump();
      });
  }

  #cutLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#outbox.cut();
      void this.#pump();
    }, DELAY_MS);
  }

  #pump(): Promise<void> {
    return (this.#pumping ??= this.#run().finally(() => {
      this.#pumping = undefined;
    }));
  }

  /** From the first request on: before, there is nothing to do about either. */
  #listen(): void {
    this.#unlisten ??= listen(globalThis, 'online pageshow', ({ type }: Event) => {
      this.#transport.isLeft = false;
      if (type !== 'online') return;
      this.#circuit.hurry();
      void this.#pump();
    });
  }

  async #run(): Promise<void> {
    this.#listen();
    clearTimeout(this.#retryTimer);
    while (this.#circuit.waitMs === 0) {
      // A receiver that was away is tried with the oldest there is.
      if (this.#circuit.open || this.#outbox.size === 0) {
        if (this.#mayBeQueued && (await this.#deliverQueued())) continue;
      }
      const [batch] = this.#outbox;
      if (!batch) break;
      this.#settle(batch, await this.#attempt(batch));
    }
    const wait = this.#circuit.waitMs;
    // It may be long: better on disk than here.
    if (wait > 0) {
      for (const batch of this.#outbox) {
        const packed = this.#mayGzip === true ? await this.#packed(batch) : batch;
        if (!this.#sent.has(batch)) this.#keep(batch, packed);
      }
    }
    if (this.#mayBeQueued) {
      this.#retryTimer = setTimeout(() => void this.#pump(), wait || LOOK_AGAIN_MS);
    }
  }

  /** Sends the oldest of the queue. False when there is none, or when another tab sends them. */
  async #deliverQueued(): Promise<boolean> {
    const delivered = await this.#queue.exclusively(async () => {
      const batch = await this.#queue.first();
      this.#mayBeQueued = batch !== undefined;
      if (!batch) return false;
      const outcome = await this.#attempt(batch);
      if (outcome && isFinal(outcome)) {
        await this.#queue.remove(batch);
        count(this.#stats.queue, batch, outcome);
      }
      return true;
    });
    return delivered === true;
  }

  /** Undefined: the page is left, and the batch has gone another way. */
  async #attempt(batch: Batch): Promise<Outcome | undefined> {
    const packed = this.#mayGzip === false ? batch : await this.#packed(batch);
    if (this.#sent.has(batch)) return undefined;
    this.#sent.add(batch);
    let outcome = await this.#transport.send(packed);
    if (packed.gzipped && !batch.gzipped && this.#mayGzip === undefined) {
      this.#mayGzip = true;
      if (outcome.kind === 'unreachable') {
        outcome = await this.#transport.send(batch);
        this.#mayGzip = outcome.kind === 'unreachable' ? undefined : false;
      }
    }
    this.#learn(outcome);
    this.#sent.delete(batch);
    return outcome;
  }

  async #packed(batch: Batch): Promise<Batch> {
    if (batch.gzipped || batch.bytes.length < MIN_GZIP_BYTES) return batch;
    return { ...batch, bytes: (await gzip(batch.bytes)) ?? gzipNow(batch.bytes), gzipped: true };
  }

  #sendNow(batch: Batch, packed: Batch): void {
    this.#forget(batch);
    this.#track(
      this.#transport.send(packed).then((outcome) => {
        if (packed.gzipped && outcome.kind !== 'unreachable') this.#mayGzip = true;
        this.#learn(outcome);
        if (isFinal(outcome)) this.#settle(batch, outcome);
        else this.#keep(batch);
      }),
    );
  }

  #learn(outcome: Outcome): void {
    if (isFinal(outcome)) this.#circuit.passed();
    else this.#circuit.failed(outcome.kind === 'later' ? outcome.askedMs : 0);
  }

  /** What is final leaves the outbox. */
  #settle(batch: Batch, outcome: Outcome | undefined): void {
    if (!outcome || !isFinal(outcome)) return;
    this.#forget(batch);
    count(this.#stats[batch.signal], batch, outcome);
  }

  #keep(batch: Batch, packed = batch): void {
    this.#forget(batch);
    this.#track(
      this.#queue.add(packed).then((isIn) => {
        this.#countQueued(batch, isIn);
      }),
    );
  }

  #keepNow(batch: Batch, packed = batch): void {
    const isIn = this.#queue.addNow(packed);
    if (isIn === undefined) this.#keep(batch, packed);
    else {
      this.#forget(batch);
      this.#countQueued(batch, isIn);
    }
  }

  #countQueued({ signal, items }: Batch, isIn: boolean): void {
    const stats = this.#stats[signal];
    this.#mayBeQueued = true;
    if (isIn) stats.queued += items;
    else drop(stats, 'queue_full', items, signal);
  }

  /** Not of the outbox any more; an attempt that only prepares finds that out. */
  #forget(batch: Batch): void {
    this.#sent.add(batch);
    this.#outbox.remove(batch);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#onTheirWay.delete(tracked));
    this.#onTheirWay.add(tracked);
  }
}

type Final = Extract<Outcome, { kind: 'sent' | 'refused' }>;
const isFinal = (outcome: Outcome): outcome is Final => outcome.kind === 'sent' || outcome.kind === 'refused';

function count(stats: { sent: number; dropped: DropCounts }, { signal, items }: Batch, outcome: Final): void {
  const refused = outcome.kind === 'refused' ? items : Math.min(outcome.rejected, items);
  stats.sent += items - refused;
  drop(stats, 'refused', refused, signal);
}
