/** Answer to an export request whose accepted part is durable: OTLP's partial success. */
export interface Outcome {
  /** Spans, data points (not metrics) or log records. */
  rejected: number;
  /** Why, for people; empty when nothing was rejected. */
  message: string;
}

/** Items that cannot be taken, by reason. */
export class Rejections {
  #weight = 0;
  readonly #reasons = new Map<string, { items: number; weight: number; message: string }>();

  /**
   * @param message Why; of a reason that comes again the first message is told.
   * @param weight What the item counts for in OTLP's answer: 1, or the data points of a metric.
   */
  add(reason: string, message: string, weight = 1): void {
    this.#weight += weight;
    const seen = this.#reasons.get(reason) ?? { items: 0, weight: 0, message };
    this.#reasons.set(reason, { items: seen.items + 1, weight: seen.weight + weight, message: seen.message });
  }

  get reasons(): { reason: string; items: number }[] {
    return [...this.#reasons].map(([reason, { items }]) => ({ reason, items }));
  }

  outcome(): Outcome {
    const parts = [...this.#reasons.values()].map(({ weight, message }) => `${weight} rejected: ${message}`);
    return { rejected: this.#weight, message: parts.join('; ') };
  }
}
