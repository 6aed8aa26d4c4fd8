/** Colours in the style sheet, `--svc-0` … `--svc-7`: the Okabe-Ito set, tuned for contrast on each theme. */
export const PALETTE_SIZE = 8;

/**
 * Gives each service a colour: the one its name hashes to, or the next free one, so that a service looks the same in all
 * views and mostly also after a reload. Colours repeat only when there are more services than colours.
 */
export class ServicePalette {
  #colors = new Map<string, number>();
  #used = new Set<number>();

  colorOf(service: string): number {
    const known = this.#colors.get(service);
    if (known !== undefined) return known;
    let color = hash(service) % PALETTE_SIZE;
    if (this.#used.size < PALETTE_SIZE) {
      while (this.#used.has(color)) color = (color + 1) % PALETTE_SIZE;
    }
    this.#used.add(color);
    this.#colors.set(service, color);
    return color;
  }
}

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}

const palette = new ServicePalette();

/** The CSS class that sets `--service` to the colour of `service`. */
export function serviceClass(service: string): string {
  return `svc-${palette.colorOf(service)}`;
}
