import { bracedLabels, familyHeader, renderLabels } from '@unhinged/observability-core';

/** Label names and values of one counter. Names are Prometheus label names; values any text. */
export type Labels = Readonly<Record<string, string | number>>;

/**
 * Exact counts of what the bridge received, stored, refused and dropped, and why. One registry a bridge; `/metrics` and
 * the console's status page show the same names and values. Every name starts with `unhinged_`; a name that ends in
 * `_total` only grows (a counter), any other is a gauge.
 */
export class Counters {
  readonly #values = new Map<string, number>();
  readonly #collectors: (() => void)[] = [];

  /** Adds `n` (default 1) to a counter. */
  add(name: string, labels?: Labels, n = 1): void {
    const key = keyOf(name, labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + n);
  }

  /** Sets a gauge. */
  set(name: string, labels: Labels | undefined, value: number): void {
    this.#values.set(keyOf(name, labels), value);
  }

  /** Present value; 0 when nothing was counted under this name and these labels. */
  get(name: string, labels?: Labels): number {
    return this.#values.get(keyOf(name, labels)) ?? 0;
  }

  /** `listener` runs before every read, to {@link set} gauges that are cheaper to look up than to keep. */
  onCollect(listener: () => void): void {
    this.#collectors.push(listener);
  }

  /** `unhinged_x_total{reason="y"}` → value, sorted by name. */
  snapshot(): Record<string, number> {
    for (const collect of this.#collectors) collect();
    return Object.fromEntries([...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Prometheus text exposition format 0.0.4, or OpenMetrics 1.0 without its end mark. */
  expose(openMetrics = false): string {
    let text = '';
    let family = '';
    for (const [key, value] of Object.entries(this.snapshot()).sort(([a], [b]) =>
      nameOf(a) < nameOf(b) ? -1 : 1,
    )) {
      const name = nameOf(key);
      if (name !== family) {
        const isCounter = name.endsWith('_total');
        const type = isCounter ? 'counter' : 'gauge';
        text += familyHeader({ name, type, help: '' }, openMetrics);
      }
      family = name;
      text += `${key} ${value}\n`;
    }
    return text;
  }
}

const nameOf = (key: string) => key.split('{', 1)[0] ?? key;

function keyOf(name: string, labels: Labels | undefined): string {
  const full = name.startsWith('unhinged_') ? name : `unhinged_${name}`;
  if (!labels) return full;
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return full + bracedLabels(renderLabels(pairs.map(([name, value]) => [name, String(value)])));
}
