import { RequestBuilder, SIGNALS, type Batch, type SignalName } from './batch.js';
import { drop, type DeliveryStats } from './stats.js';

/**
 * A request holds about this much before compression: as it is, one of them outlives the page. Compressed it is a fifth of that as a rule,
 * and each request costs the page 2 to 3 ms of its main thread, whatever its size.
 */
const BATCH_BYTES = 49_152;
const BATCH_BYTES_GZIP = 131_072;
/** What would make more than this wait is dropped. */
const MAX_WAITING_BYTES = 1_048_576;
/** So many items wait as they are. Encoded in one go they cost a fraction of what each costs in the middle of the page's own work. */
const MAX_RAW = 64;

/** Adds one span, log record or metric to a request. Called later: what it writes must not change. */
export type Item = (builder: RequestBuilder) => void;

/** What waits in memory: items, open requests of each signal, and the requests that were cut, oldest first. */
export class Outbox {
  readonly #stats: DeliveryStats;
  readonly #resourceOf: (service: string) => object;
  readonly #mayGzip: () => boolean;
  readonly #raw: [SignalName, Item][] = [];
  readonly #open = {
    logs: new RequestBuilder(),
    spans: new RequestBuilder(),
    metrics: new RequestBuilder(),
  };
  readonly #cut = new Set<Batch>();
  /** Of open and cut requests. */
  #bytes = 0;

  /** @param mayGzip Is the receiver known by now to take compressed requests? */
  constructor(stats: DeliveryStats, resourceOf: (service: string) => object, mayGzip: () => boolean) {
    this.#stats = stats;
    this.#resourceOf = resourceOf;
    this.#mayGzip = mayGzip;
  }

  /** Requests that were cut. */
  get size(): number {
    return this.#cut.size;
  }

  [Symbol.iterator](): IterableIterator<Batch> {
    return this.#cut.values();
  }

  /** True when a request became full by it. */
  add(signal: SignalName, item: Item): boolean {
    const before = this.size;
    this.#stats[signal].recorded++;
    if (this.#raw.push([signal, item]) >= MAX_RAW) this.#encode();
    return this.size > before;
  }

  /** Everything that waits becomes requests. */
  cut(): void {
    this.#encode();
    for (const signal of SIGNALS) this.#cutOne(signal);
  }

  /** The request was sent, or waits elsewhere. */
  remove(batch: Batch): void {
    if (this.#cut.delete(batch)) this.#bytes -= batch.bytes.length;
  }

  #encode(): void {
    for (const [signal, item] of this.#raw.splice(0)) {
      const builder = this.#open[signal];
      if (this.#bytes >= MAX_WAITING_BYTES) {
        drop(this.#stats[signal], 'buffer_full', 1, signal);
        continue;
      }
      const before = builder.size;
      try {
        item(builder);
      } catch {
        drop(this.#stats[signal], 'invalid', 1, signal);
      }
      this.#bytes += builder.size - before;
      if (builder.size >= (this.#mayGzip() ? BATCH_BYTES_GZIP : BATCH_BYTES)) this.#cutOne(signal);
    }
  }

  #cutOne(signal: SignalName): void {
    const builder = this.#open[signal];
    const { items, size } = builder;
    if (items === 0) return;
    const bytes = builder.take(this.#resourceOf);
    this.#bytes += bytes.length - size;
    this.#cut.add({ signal, items, bytes, gzipped: false });
  }
}
