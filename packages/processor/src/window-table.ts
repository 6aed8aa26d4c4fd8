import { Cell, OTHER, type CellState } from './red-window.js';
import type { Request } from './request.js';

/** The cells of one window, per service and per operation. */
export interface OpenWindow {
  startMs: number;
  cells: ReadonlyMap<string, Cell>;
}

export interface WindowTableState {
  sizeMs: number;
  windows: { startMs: number; cells: CellState[] }[];
}

export interface WindowTableOptions {
  sizeMs: number;
  /** Names of services, and of operations of all services, held at a time. */
  maxServices: number;
  maxOperations: number;
}

/**
 * Every window that can still change. Names are bounded: a service or an operation that is held by no window is forgotten,
 * and what comes beyond the bound goes to {@link OTHER}.
 */
export class WindowTable {
  readonly #options: WindowTableOptions;
  readonly #windows = new Map<number, Map<string, Cell>>();
  /** How many windows hold a cell. */
  readonly #services = new Map<string, number>();
  readonly #operations = new Map<string, number>();

  constructor(options: WindowTableOptions) {
    this.#options = options;
  }

  startOf(ms: number): number {
    return Math.floor(ms / this.#options.sizeMs) * this.#options.sizeMs;
  }

  /** Adds a request to its window; gives the two cells it went to, the service's first. */
  add(request: Request): { service: Cell; operation: Cell } {
    const start = this.startOf(request.endMs);
    let window = this.#windows.get(start);
    if (!window) this.#windows.set(start, (window = new Map<string, Cell>()));
    const service = hasRoom(this.#services, request.service, this.#options.maxServices)
      ? request.service
      : OTHER;
    const named =
      service !== OTHER &&
      hasRoom(this.#operations, operationKey(service, request.operation), this.#options.maxOperations);
    const cells = {
      service: this.#cell(window, service, undefined),
      operation: this.#cell(window, service, named ? request.operation : OTHER),
    };
    cells.service.add(request);
    cells.operation.add(request);
    return cells;
  }

  /** The first window that starts at or after `ms`. */
  firstFrom(ms: number): OpenWindow | undefined {
    let first: number | undefined;
    for (const start of this.#windows.keys()) {
      if (start >= ms && (first === undefined || start < first)) first = start;
    }
    return first === undefined ? undefined : this.at(first);
  }

  at(startMs: number): OpenWindow {
    return { startMs, cells: this.#windows.get(startMs) ?? new Map<string, Cell>() };
  }

  /** Forgets the windows that end at or before `ms`. */
  forgetUntil(ms: number): void {
    for (const [start, cells] of this.#windows) {
      if (start + this.#options.sizeMs > ms) continue;
      this.#windows.delete(start);
      for (const cell of cells.values()) this.#countName(cell, -1);
    }
  }

  get size(): { windows: number; services: number; operations: number } {
    return {
      windows: this.#windows.size,
      services: this.#services.size,
      operations: this.#operations.size,
    };
  }

  toJSON(): WindowTableState {
    return {
      sizeMs: this.#options.sizeMs,
      windows: [...this.#windows].map(([startMs, cells]) => ({
        startMs,
        cells: [...cells.values()].map((cell) => cell.toJSON()),
      })),
    };
  }

  restore(state: WindowTableState): void {
    // Windows of another length cannot be told apart from ours: the policy has changed, they start anew.
    if (state.sizeMs !== this.#options.sizeMs) return;
    for (const { startMs, cells } of state.windows) {
      const window = new Map<string, Cell>();
      this.#windows.set(startMs, window);
      for (const cellState of cells) {
        const cell = Cell.fromJSON(cellState);
        window.set(cellKey(cell.service, cell.operation), cell);
        this.#countName(cell, 1);
      }
    }
  }

  #cell(window: Map<string, Cell>, service: string, operation: string | undefined): Cell {
    const key = cellKey(service, operation);
    const known = window.get(key);
    if (known) return known;
    const cell = new Cell(service, operation);
    window.set(key, cell);
    this.#countName(cell, 1);
    return cell;
  }

  #countName({ service, operation }: Cell, by: 1 | -1): void {
    // The two names for the rest are always there and take nobody's place.
    if (service === OTHER || operation === OTHER) return;
    const names = operation === undefined ? this.#services : this.#operations;
    const name = operation === undefined ? service : operationKey(service, operation);
    const count = (names.get(name) ?? 0) + by;
    if (count > 0) names.set(name, count);
    else names.delete(name);
  }
}

const hasRoom = (names: ReadonlyMap<string, number>, name: string, max: number): boolean =>
  names.has(name) || names.size < max;

/** A length in front, because any character may occur in a name. */
const operationKey = (service: string, operation: string): string =>
  `${service.length}:${service}${operation}`;

const cellKey = (service: string, operation: string | undefined): string =>
  operation === undefined ? service : `\u0000${operationKey(service, operation)}`;
