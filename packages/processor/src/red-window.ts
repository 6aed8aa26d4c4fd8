import type { Request } from './request.js';
import { Sketch, type SketchState } from './sketch.js';

/** Service or operation that stands for all that came when no more names could be held. */
export const OTHER = '__other__';

/**
 * Requests, errors and durations of one service, or of one operation of it, in one window of event time: those that ended in
 * [startMs, endMs). A sampled request counts for all that it stands for, so that the figures are those of the traffic; they are
 * whole numbers only where nothing was left out.
 */
export interface RedWindow {
  startMs: number;
  endMs: number;
  service: string;
  /** Undefined: all operations of the service together. */
  operation?: string;
  requests: number;
  errors: number;
  /** Durations in milliseconds, a copy. */
  latency: Sketch;
  /** 0 when the window closed; each late event that was still taken gives the window again with the next number. */
  revision: number;
}

/** What is held of one service, or one operation, in one window. */
export class Cell {
  readonly service: string;
  readonly operation: string | undefined;
  requests = 0;
  errors = 0;
  revision = 0;
  latency = new Sketch();

  constructor(service: string, operation: string | undefined) {
    this.service = service;
    this.operation = operation;
  }

  static fromJSON(state: CellState): Cell {
    const cell = new Cell(state.service, state.operation);
    cell.requests = state.requests;
    cell.errors = state.errors;
    cell.revision = state.revision;
    cell.latency = Sketch.fromJSON(state.latency);
    return cell;
  }

  add({ durationMs, isError, weight }: Request): void {
    this.requests += weight;
    if (isError) this.errors += weight;
    this.latency.add(durationMs, weight);
  }

  toWindow(startMs: number, endMs: number): RedWindow {
    const { service, operation, requests, errors, revision } = this;
    const latency = new Sketch();
    latency.merge(this.latency);
    const window = { startMs, endMs, service, requests, errors, latency, revision };
    return operation === undefined ? window : { ...window, operation };
  }

  toJSON(): CellState {
    const { service, operation, requests, errors, revision } = this;
    const state = { service, requests, errors, revision, latency: this.latency.toJSON() };
    return operation === undefined ? state : { ...state, operation };
  }
}

export interface CellState {
  service: string;
  operation?: string;
  requests: number;
  errors: number;
  revision: number;
  latency: SketchState;
}
