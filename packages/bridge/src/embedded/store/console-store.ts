import type { EventRecord } from '@unhinged/events';
import { EVENT_TYPE, fromTimestamp, type AlertView, type LogView } from '@unhinged/observability-core';
import { requestOf } from '@unhinged/observability-processor';
import { AlertEvent, LogEvent, MetricEvent, TraceEvent } from '@unhinged/observability-proto';
import type { Counters } from '../../counters.js';
import { AlertStore } from './alert-store.js';
import { LogStore } from './log-store.js';
import { logView } from './log-view.js';
import { MetricStore } from './metric-store.js';
import { serviceOf, tierOf } from './resource-view.js';
import { ServiceStore } from './service-store.js';
import { TraceStore } from './trace-store.js';

const MIB = 1024 * 1024;

/** Told of what is new in the store. */
export interface StoreListener {
  onTrace: (traceId: string) => void;
  onLog: (log: LogView) => void;
  onAlert: (alert: AlertView) => void;
  onService: () => void;
}

/** What the console shows, in memory: the newest of everything, within about 64 MiB. The lake has the rest. */
export class ConsoleStore {
  readonly traces = new TraceStore({ maxTraces: 10_000, maxSpans: 200_000, maxBytes: 40 * MIB });
  readonly logs = new LogStore(20_000, 16 * MIB);
  readonly metrics = new MetricStore();
  readonly alerts = new AlertStore();
  readonly services: ServiceStore;
  readonly #counters: Counters;
  #listener: StoreListener | undefined;

  constructor(counters: Counters, now: () => number) {
    this.#counters = counters;
    this.services = new ServiceStore(now);
    counters.onCollect(() => {
      const { traces, logs, metrics, alerts, services } = this;
      counters.set('store_spans', undefined, traces.size.spans);
      counters.set('store_bytes', undefined, traces.size.bytes + logs.size.bytes);
      counters.set('store_dropped_spans_total', { reason: 'trace_too_large' }, traces.size.dropped);
      const evicted = { traces, logs, metrics, alerts, services };
      for (const [kind, store] of Object.entries(evicted)) {
        counters.set('store_evicted_total', { kind }, store.size.evicted);
      }
    });
  }

  /** One listener; a second replaces the first. Returns what ends it. */
  listen(listener: StoreListener): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  /** Takes in a record of the journal. Never throws for what is in it; nothing of its buffer is kept. */
  add(record: EventRecord): void {
    try {
      this.#add(record);
    } catch {
      this.#counters.add('undecodable_records_total', { consumer: 'console' });
    }
  }

  #add({ eventType, value }: EventRecord): void {
    switch (eventType) {
      case EVENT_TYPE.span:
        this.#addSpan(TraceEvent.decode(value), value);
        break;
      case EVENT_TYPE.log:
        this.#addLog(LogEvent.decode(value), value.length);
        break;
      case EVENT_TYPE.metric:
        this.metrics.add(MetricEvent.decode(value));
        break;
      case EVENT_TYPE.alert: {
        const alert = this.alerts.add(AlertEvent.decode(value));
        if (alert) this.#listener?.onAlert(alert);
        break;
      }
    }
  }

  #addSpan(event: TraceEvent, encoded: Uint8Array): void {
    const { resource, span } = event;
    const endMs = Number((span?.endTimeUnixNano ?? 0n) / 1_000_000n);
    this.services.see(serviceOf(resource), tierOf(resource), endMs);
    const request = requestOf(event);
    if (typeof request !== 'string') this.services.count(request);
    this.#listener?.onService();
    const traceId = this.traces.add(event, encoded);
    if (traceId !== undefined) this.#listener?.onTrace(traceId);
  }

  #addLog(event: LogEvent, bytes: number): void {
    const log = logView(event);
    const timeMs = Number(fromTimestamp(event.timestamp) / 1_000_000n);
    this.services.see(log.service, log.tier, timeMs);
    this.#listener?.onService();
    this.logs.add(log, bytes);
    this.#listener?.onLog(log);
  }
}
