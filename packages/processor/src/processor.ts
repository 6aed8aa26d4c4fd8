import { ObservabilityError, type Policy } from '@unhinged/observability-core';
import type { TraceEvent } from '@unhinged/observability-proto';
import type { AlertTransition } from './alert.js';
import { AlertTable } from './alert-table.js';
import type { ErrorSpikeState } from './error-spike.js';
import { OTHER, type Cell, type RedWindow } from './red-window.js';
import { requestOf, type Request } from './request.js';
import { Watermark, type WatermarkState } from './watermark.js';
import { WindowTable, type OpenWindow, type WindowTableState } from './window-table.js';

export interface ProcessorOptions {
  policy: Policy;
  /** What {@link Processor.snapshot} gave. */
  state?: ProcessorState;
  onAlert: (alert: AlertTransition) => void;
  onWindow?: (window: RedWindow) => void;
  /** Unix milliseconds. Default `Date.now`. Only tells how far in the future an event is. */
  now?: () => number;
  /** Milliseconds without events after which the watermark follows the clock. Default: the policy's watermark delay. */
  idleMs?: number;
  /** Milliseconds that an event may be ahead of the clock before it is taken for one of a wrong clock. Default 300,000. */
  maxSkewMs?: number;
  /** Services held at a time; what comes beyond counts as service {@link OTHER}. Default 10,000. */
  maxServices?: number;
  /** Operations held at a time, of all services; what comes beyond counts as operation {@link OTHER}. Default 10,000. */
  maxOperations?: number;
}

/** JSON. Which version of the processor wrote it is in `version`. */
export interface ProcessorState {
  version: 1;
  watermark: WatermarkState;
  table: WindowTableState;
  alerts: ErrorSpikeState[];
  counts: ProcessorCounts;
}

export interface ProcessorCounts {
  spans: number;
  requests: number;
  /** Counted although their window had closed: within the allowed lateness. */
  late: number;
  /** Not counted: beyond the allowed lateness. */
  lateDropped: number;
  /** Ahead of the clock by more than the skew: counted, without moving the watermark. */
  future: number;
  /** Not counted: too many of {@link future} are held. */
  futureDropped: number;
  /** Not counted: a span without an end. */
  noEnd: number;
  /** Counted under {@link OTHER}. */
  other: number;
}

export interface ProcessorStats extends ProcessorCounts {
  watermarkMs: number | null;
  windows: number;
  services: number;
  operations: number;
  pending: number;
  firing: number;
  unwatchedServices: number;
}

/** Requests of far-away windows that are held at most: those windows may close in years, or never. */
const MAX_FUTURE = 1_000;

/**
 * RED figures (rate, errors, duration) per service and operation in tumbling windows of event time, and the alerts on them.
 * The same events in the same order give the same windows and transitions, with or without a restart in between.
 */
export class Processor {
  readonly #onAlert: (alert: AlertTransition) => void;
  readonly #onWindow: (window: RedWindow) => void;
  readonly #now: () => number;
  readonly #sizeMs: number;
  readonly #latenessMs: number;
  readonly #maxSkewMs: number;
  readonly #watermark: Watermark;
  readonly #table: WindowTable;
  readonly #alerts: AlertTable;
  readonly #counts: ProcessorCounts;
  /** End of the last window that has closed. */
  #closedMs: number;

  /** @throws ObservabilityError `bad_processor_state` when `state` is not a snapshot of this version. */
  constructor(options: ProcessorOptions) {
    const { policy, state, maxServices = 10_000, maxOperations = 10_000 } = options;
    if (state !== undefined) checkState(state);
    const delayMs = policy.windows.watermarkSeconds * 1000;
    this.#onAlert = options.onAlert;
    this.#onWindow = options.onWindow ?? (() => undefined);
    this.#now = options.now ?? Date.now;
    this.#sizeMs = Math.max(Math.round(policy.windows.sizeSeconds * 1000), 1);
    this.#latenessMs = policy.windows.latenessSeconds * 1000;
    this.#maxSkewMs = options.maxSkewMs ?? 300_000;
    this.#watermark = new Watermark(delayMs, options.idleMs ?? delayMs, state?.watermark);
    this.#table = new WindowTable({ sizeMs: this.#sizeMs, maxServices, maxOperations });
    if (state) this.#table.restore(state.table);
    this.#alerts = new AlertTable(policy.alerts.errorSpike, maxServices, state?.alerts);
    this.#counts = { ...noCounts, ...state?.counts };
    this.#closedMs = this.#watermark.ms === null ? -Infinity : this.#table.startOf(this.#watermark.ms);
  }

  /** Takes in one finished span. */
  process(event: TraceEvent): void {
    this.#counts.spans++;
    const request = requestOf(event);
    if (typeof request === 'string') {
      if (request === 'no_end') this.#counts.noEnd++;
      return;
    }
    const now = this.#now();
    if (request.endMs > now + this.#maxSkewMs) {
      this.#takeFuture(request);
      return;
    }
    const endMs = this.#table.startOf(request.endMs) + this.#sizeMs;
    if (endMs > this.#closedMs) {
      this.#add(request);
    } else if (endMs + this.#latenessMs > (this.#watermark.ms ?? -Infinity)) {
      this.#counts.late++;
      for (const cell of this.#add(request)) this.#emit(cell, endMs - this.#sizeMs);
    } else {
      this.#counts.lateDropped++;
      return;
    }
    // A clock a little fast must not make everybody else late.
    this.#watermark.seeEvent(Math.min(request.endMs, now));
    this.#closeWindows();
  }

  /** To be called from time to time, once all that is there has been processed: lets windows close when nothing comes. */
  advance(nowMs: number): void {
    this.#watermark.seeClock(nowMs);
    this.#closeWindows();
  }

  /** All there is to know, for a processor that shall continue from here. */
  snapshot(): ProcessorState {
    return {
      version: 1,
      watermark: this.#watermark.toJSON(),
      table: this.#table.toJSON(),
      alerts: this.#alerts.toJSON(),
      counts: { ...this.#counts },
    };
  }

  stats(): ProcessorStats {
    return {
      ...this.#counts,
      ...this.#table.size,
      ...this.#alerts.active,
      watermarkMs: this.#watermark.ms,
      unwatchedServices: this.#alerts.unwatched,
    };
  }

  #takeFuture(request: Request): void {
    this.#counts.future++;
    if (this.#counts.future - this.#counts.futureDropped > MAX_FUTURE) this.#counts.futureDropped++;
    else this.#add(request);
  }

  #add(request: Request): Cell[] {
    this.#counts.requests++;
    const { service, operation } = this.#table.add(request);
    if (operation.operation === OTHER) this.#counts.other++;
    return [service, operation];
  }

  #closeWindows(): void {
    const watermark = this.#watermark.ms;
    if (watermark === null) return;
    const target = this.#table.startOf(watermark);
    if (target <= this.#closedMs) return;
    for (let window = this.#nextToClose(target); window; window = this.#nextToClose(target)) {
      this.#close(window);
    }
    this.#closedMs = target;
    this.#table.forgetUntil(watermark - this.#latenessMs);
  }

  /** The next window that ends at or before `targetMs`. Windows without traffic matter only to alerts that are active. */
  #nextToClose(targetMs: number): OpenWindow | undefined {
    if (this.#closedMs >= targetMs) return undefined;
    if (this.#alerts.hasActive) return this.#table.at(this.#closedMs);
    const window = this.#table.firstFrom(this.#closedMs);
    return window !== undefined && window.startMs < targetMs ? window : undefined;
  }

  #close({ startMs, cells }: OpenWindow): void {
    const endMs = startMs + this.#sizeMs;
    this.#closedMs = endMs;
    for (const cell of cells.values()) this.#emit(cell, startMs);
    for (const alert of this.#alerts.evaluate({ startMs, endMs }, cells.values())) this.#onAlert(alert);
  }

  #emit(cell: Cell, startMs: number): void {
    this.#onWindow(cell.toWindow(startMs, startMs + this.#sizeMs));
    cell.revision++;
  }
}

const noCounts: ProcessorCounts = {
  ...{ spans: 0, requests: 0, late: 0, lateDropped: 0, future: 0, futureDropped: 0, noEnd: 0, other: 0 },
};

function checkState(state: ProcessorState): void {
  // It was read from a file: the type is only a hope.
  const { version, watermark, table, alerts, counts } = state as Partial<ProcessorState>;
  if (version === 1 && watermark && Array.isArray(table?.windows) && Array.isArray(alerts) && counts) return;
  throw new ObservabilityError(
    'bad_processor_state',
    `The state is not a snapshot of this processor: expected version 1 with watermark, table, alerts and counts, got version ${String(version)}.`,
  );
}
