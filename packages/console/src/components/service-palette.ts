import { readStored, writeStored } from '../storage.js';

/** Colours in the style sheet, `--svc-0` … `--svc-7`. Neighbours in the order are the easiest to tell apart. */
export const PALETTE_SIZE = 8;
const KEY = 'unhinged.services';
/** Names remembered over a reload. */
const MOST = 64;

/**
 * Gives services colours in the order they are seen, so that the first eight differ, and tells `remember` the order, so that a
 * service keeps its colour.
 */
export class ServicePalette {
  readonly #order: string[];
  readonly #remember: (order: readonly string[]) => void;

  constructor(order: readonly string[], remember: (order: readonly string[]) => void) {
    this.#order = order.slice(0, MOST);
    this.#remember = remember;
  }

  colorOf(service: string): number {
    let position = this.#order.indexOf(service);
    if (position === -1) {
      position = this.#order.push(service) - 1;
      if (position < MOST) this.#remember(this.#order);
    }
    return position % PALETTE_SIZE;
  }
}

/** The remembered order, or none if what was stored is no list of names. */
export function parseOrder(stored: string | undefined): string[] {
  try {
    const order: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(order) ? order.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

const palette = new ServicePalette(parseOrder(readStored(KEY)), (order) => {
  writeStored(KEY, JSON.stringify(order));
});

/** The CSS class that sets `--service` to the colour of `service`. */
export function serviceClass(service: string): string {
  return `svc-${palette.colorOf(service)}`;
}
