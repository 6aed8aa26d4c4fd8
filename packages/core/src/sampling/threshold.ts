/**
 * Consistent probability sampling of OpenTelemetry ("TraceState: Probability Sampling", "Probability Sampler" specifications): a trace is
 * kept when its randomness R (56 bits) is at least the threshold T. What a low rate keeps, every higher rate keeps as well.
 *
 * R and T are held as their upper 52 bits, which a double holds exactly: our thresholds have no lower bits, and then R ≥ T says the
 * same with and without them.
 */
const SPACE = 2 ** 52;
const DIGITS = 13;
/** Significant hex digits of a threshold, the specification's default: an error of the rate of 1 / 8,192 at most. */
const PRECISION = 4;

/** Keeps everything. */
export const ALWAYS = 0;
/** Keeps nothing; it has no form in a trace state. */
export const NEVER = SPACE;

/** Upper 52 bits of a trace's randomness: of `rv` where the trace has one, else of the low 56 bits of its id. */
export function randomnessOf(traceId: string, rv?: string): number {
  return Number.parseInt(rv === undefined ? traceId.slice(-14, -1) : rv.slice(0, DIGITS), 16);
}

/** Threshold of a rate from 0 to 1. Digits before the first that is not `f` cost no precision. */
export function thresholdOf(rate: number): number {
  if (!(rate > 0)) return NEVER;
  if (rate >= 1) return ALWAYS;
  const leading = Math.floor(-Math.log2(rate) / 4);
  const unit = 16 ** Math.max(0, DIGITS - leading - PRECISION);
  return Math.min(Math.round(((1 - rate) * SPACE) / unit) * unit, NEVER);
}

/** How many traces one that was kept at this threshold stands for, itself included: 2^56 / (2^56 − T). Infinite for {@link NEVER}. */
export function adjustedCountOf(threshold: number): number {
  return SPACE / (SPACE - threshold);
}

/** As in `ot=th:…`: hex digits without the zeros at the end; `0` keeps everything. Undefined for {@link NEVER}. */
export function formatThreshold(threshold: number): string | undefined {
  if (threshold >= NEVER) return undefined;
  if (threshold !== last.threshold) {
    last = { threshold, text: threshold.toString(16).padStart(DIGITS, '0').replace(/0+$/, '') || '0' };
  }
  return last.text;
}

/** Traces of one rate come one after the other. */
let last = { threshold: ALWAYS, text: '0' };

/** Reads `th`: 1 to 14 lowercase hex digits; undefined for anything else. A 14th digit is rounded up: it never counts for less. */
export function parseThreshold(text: string): number | undefined {
  if (!/^[0-9a-f]{1,14}$/.test(text)) return undefined;
  const upper = Number.parseInt(text.slice(0, DIGITS).padEnd(DIGITS, '0'), 16);
  return text.length > DIGITS && !text.endsWith('0') ? upper + 1 : upper;
}
