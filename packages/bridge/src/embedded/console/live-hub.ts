import type { ServerResponse } from 'node:http';
import {
  ObservabilityError,
  type AlertView,
  type LiveMessage,
  type LogView,
} from '@unhinged/observability-core';
import type { Counters } from '../../counters.js';
import type { ConsoleStore, StoreListener } from '../store/console-store.js';

/** Batches are at least this far apart: four a second. */
const BATCH_MS = 250;
/** What comes together goes together, and still long before half a second is over. */
const FIRST_MS = 20;
const SERVICES_MS = 1_000;
const HEARTBEAT_MS = 15_000;
const MAX_CLIENTS = 64;
/** Of one kind in one batch. */
const MAX_ITEMS = 1_000;
/** Characters of log lines in one batch. */
const MAX_LOG_TEXT = 4 * 1024 * 1024;
/** What a client may leave unread before it is left out. */
const MAX_UNREAD_BYTES = 1024 * 1024;

interface Client {
  response: ServerResponse;
  /** Items that it was not sent since it fell behind. */
  missed: number;
}

/** The readers of `/api/live`: everyone gets everything, in batches; who is slow gets `gap` instead of what it missed. */
export class LiveHub implements StoreListener {
  readonly #store: ConsoleStore;
  readonly #version: string;
  readonly #clients = new Set<Client>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #traces = new Set<string>();
  readonly #alerts = new Map<string, AlertView>();
  #logs: LogView[] = [];
  #logText = 0;
  /** Items that found no room in the present batch. */
  #overflow = 0;
  #servicesChanged = false;
  #servicesSent = 0;
  #lastBatch = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is due. */
  #dueAt = 0;

  constructor(store: ConsoleStore, version: string, counters: Counters) {
    this.#store = store;
    this.#version = version;
    this.#heartbeat = setInterval(() => {
      // A comment: keeps proxies from closing the connection, and finds clients that are gone.
      for (const client of this.#clients) this.#write(client, ':\n\n', 0);
    }, HEARTBEAT_MS);
    this.#heartbeat.unref();
    counters.onCollect(() => {
      counters.set('live_clients', undefined, this.#clients.size);
    });
  }

  onTrace(traceId: string): void {
    if (this.#clients.size === 0) return;
    if (this.#traces.size >= MAX_ITEMS && !this.#traces.has(traceId)) this.#overflow++;
    else this.#traces.add(traceId);
    this.#schedule(BATCH_MS);
  }

  onLog(log: LogView): void {
    if (this.#clients.size === 0) return;
    this.#logText += log.message.length + (log.error?.stack.length ?? 0);
    if (this.#logs.length >= MAX_ITEMS || this.#logText > MAX_LOG_TEXT) this.#overflow++;
    else this.#logs.push(log);
    this.#schedule(BATCH_MS);
  }

  onAlert(alert: AlertView): void {
    if (this.#clients.size === 0) return;
    this.#alerts.set(alert.fingerprint, alert);
    this.#schedule(BATCH_MS);
  }

  onService(): void {
    if (this.#clients.size === 0) return;
    this.#servicesChanged = true;
    this.#schedule(SERVICES_MS);
  }

  /** Makes a response a live one, until its connection ends. @throws ObservabilityError `too_many_clients`. */
  add(response: ServerResponse): void {
    if (this.#clients.size >= MAX_CLIENTS) {
      throw new ObservabilityError(
        'too_many_clients',
        `${MAX_CLIENTS} pages are watching already. Close one, then try again.`,
      );
    }
    const client: Client = { response, missed: 0 };
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
    });
    this.#clients.add(client);
    response.on('close', () => this.#clients.delete(client));
    this.#write(client, frame({ type: 'hello', version: this.#version }), 0);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
  }

  /** The next batch goes soon, but not sooner than `ms` after the last one. */
  #schedule(ms: number): void {
    const last = ms === SERVICES_MS ? this.#servicesSent : this.#lastBatch;
    const delay = Math.max(last + ms - performance.now(), FIRST_MS);
    if (this.#timer !== undefined) {
      // News must not wait for the figures of services, which may wait longer.
      if (ms === SERVICES_MS || performance.now() + delay >= this.#dueAt) return;
      clearTimeout(this.#timer);
    }
    this.#dueAt = performance.now() + delay;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, delay);
    this.#timer.unref();
  }

  #send(): void {
    const now = performance.now();
    this.#lastBatch = now;
    const traces = [...this.#traces].flatMap((id) => {
      const summary = this.#store.traces.summary(id);
      return summary ? [summary] : [];
    });
    const messages: { message: LiveMessage; items: number }[] = [];
    if (traces.length > 0) messages.push({ message: { type: 'traces', traces }, items: traces.length });
    if (this.#logs.length > 0) {
      messages.push({ message: { type: 'logs', logs: this.#logs }, items: this.#logs.length });
    }
    const alerts = [...this.#alerts.values()];
    if (alerts.length > 0) messages.push({ message: { type: 'alerts', alerts }, items: alerts.length });
    if (this.#servicesChanged && now - this.#servicesSent >= SERVICES_MS) {
      messages.push({ message: { type: 'services', ...this.#store.services.summaries() }, items: 0 });
      this.#servicesChanged = false;
      this.#servicesSent = now;
    }
    const text = messages.map(({ message }) => frame(message)).join('');
    const items = messages.reduce((sum, { items }) => sum + items, 0);
    for (const client of this.#clients) {
      this.#write(client, text, items);
      if (this.#overflow > 0) this.#write(client, frame({ type: 'gap', missed: this.#overflow }), 0);
    }
    this.#traces.clear();
    this.#alerts.clear();
    this.#logs = [];
    this.#logText = 0;
    this.#overflow = 0;
    if (this.#servicesChanged) this.#schedule(SERVICES_MS);
  }

  #write(client: Client, text: string, items: number): void {
    const { response } = client;
    if (response.writableLength > MAX_UNREAD_BYTES) {
      client.missed += items;
      return;
    }
    if (client.missed > 0) response.write(frame({ type: 'gap', missed: client.missed }));
    client.missed = 0;
    if (text !== '') response.write(text);
  }
}

const frame = (message: LiveMessage): string =>
  `event: ${message.type}\ndata: ${JSON.stringify(message)}\n\n`;
