import { fromTimestamp, type AlertView } from '@unhinged/observability-core';
import type { AlertEvent } from '@unhinged/observability-proto';

const MAX_ALERTS = 1_000;
const MAX_HISTORY = 100;
/** By number of AlertState. */
const STATES: readonly (AlertView['state'] | undefined)[] = [undefined, 'pending', 'firing', 'resolved'];
const ORDER = { firing: 0, pending: 1, resolved: 2 };

/** Every alert that was seen, by fingerprint. */
export class AlertStore {
  /** The one that changed last stands last. */
  readonly #alerts = new Map<string, AlertView>();
  #evicted = 0;

  get size(): { alerts: number; evicted: number } {
    return { alerts: this.#alerts.size, evicted: this.#evicted };
  }

  /** Takes in a transition; gives the alert after it, or undefined when it was known or is none. */
  add(event: AlertEvent): AlertView | undefined {
    const state = STATES[event.state];
    if (state === undefined) return undefined;
    const timeMs = ms(event.timestamp);
    const history = this.#alerts.get(event.fingerprint)?.history ?? [];
    // After a crash the processor finds its last transitions once more.
    if (history.some((known) => known.state === state && known.timeMs === timeMs)) return undefined;
    const view: AlertView = {
      fingerprint: event.fingerprint,
      name: event.alertName,
      state,
      severity: event.severity === 1 ? 'page' : 'ticket',
      labels: event.labels,
      annotations: event.annotations,
      value: event.value,
      threshold: event.threshold,
      startsMs: ms(event.startsAt),
      ...(event.endsAt && { endsMs: ms(event.endsAt) }),
      history: [...history, { state, timeMs }].slice(-MAX_HISTORY),
    };
    this.#alerts.delete(event.fingerprint);
    this.#alerts.set(event.fingerprint, view);
    this.#evict();
    return view;
  }

  /** Firing first, then pending, then resolved, each newest first. */
  list(): AlertView[] {
    return [...this.#alerts.values()].sort(
      (a, b) =>
        ORDER[a.state] - ORDER[b.state] || (b.history.at(-1)?.timeMs ?? 0) - (a.history.at(-1)?.timeMs ?? 0),
    );
  }

  #evict(): void {
    if (this.#alerts.size <= MAX_ALERTS) return;
    const entries = [...this.#alerts];
    const [fingerprint] = entries.find(([, { state }]) => state === 'resolved') ?? entries[0] ?? [''];
    this.#alerts.delete(fingerprint);
    this.#evicted++;
  }
}

const ms = (timestamp: AlertEvent['timestamp']): number => Number(fromTimestamp(timestamp) / 1_000_000n);
