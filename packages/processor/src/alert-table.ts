import type { ErrorSpikePolicy } from '@unhinged/observability-core';
import type { AlertTransition } from './alert.js';
import {
  evaluateErrorSpike,
  newErrorSpikeState,
  type ClosedWindow,
  type ErrorSpikeState,
} from './error-spike.js';
import type { Cell } from './red-window.js';

/** The alert of every service. */
export class AlertTable {
  readonly #policy: ErrorSpikePolicy;
  readonly #max: number;
  /** The service whose window closed last stands last. */
  readonly #services = new Map<string, ErrorSpikeState>();
  readonly #active = new Set<string>();
  /** Services that could not be watched because as many others are in alert. */
  unwatched = 0;

  constructor(policy: ErrorSpikePolicy, max: number, states: readonly ErrorSpikeState[] = []) {
    this.#policy = policy;
    this.#max = max;
    for (const state of states) {
      this.#services.set(state.service, { ...state });
      if (state.phase !== 'quiet') this.#active.add(state.service);
    }
  }

  /** Whether a window without traffic could still change something. */
  get hasActive(): boolean {
    return this.#active.size > 0;
  }

  get active(): { pending: number; firing: number } {
    const phases = [...this.#active].map((service) => this.#services.get(service)?.phase);
    return {
      pending: phases.filter((phase) => phase === 'pending').length,
      firing: phases.filter((phase) => phase === 'firing').length,
    };
  }

  /** Judges one closed window: the services in it, then those in alert that had no traffic in it. */
  evaluate(span: { startMs: number; endMs: number }, cells: Iterable<Cell>): AlertTransition[] {
    const transitions: AlertTransition[] = [];
    const silent = new Set(this.#active);
    for (const { service, operation, requests, errors } of cells) {
      if (operation !== undefined) continue;
      silent.delete(service);
      transitions.push(...this.#judge({ ...span, service, requests, errors }));
    }
    // By name: the order of the set is not the same after a restart.
    for (const service of [...silent].sort()) {
      transitions.push(...this.#judge({ ...span, service, requests: 0, errors: 0 }));
    }
    return transitions;
  }

  toJSON(): ErrorSpikeState[] {
    return [...this.#services.values()].map((state) => ({ ...state }));
  }

  #judge(window: ClosedWindow): AlertTransition[] {
    const { service } = window;
    const state = this.#services.get(service) ?? newErrorSpikeState(service);
    this.#services.delete(service);
    if (this.#services.size >= this.#max && !this.#forgetQuiet()) {
      this.unwatched++;
      return [];
    }
    this.#services.set(service, state);
    const transitions = evaluateErrorSpike(state, window, this.#policy);
    if (state.phase === 'quiet') this.#active.delete(service);
    else this.#active.add(service);
    return transitions;
  }

  /** Makes room for one service; false when every one is in alert. */
  #forgetQuiet(): boolean {
    for (const service of this.#services.keys()) {
      if (this.#active.has(service)) continue;
      this.#services.delete(service);
      return true;
    }
    return false;
  }
}
