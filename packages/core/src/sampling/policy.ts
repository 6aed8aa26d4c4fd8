import type { Fields } from '../policy-fields.js';

/** Row of the sampling table. */
export type SamplingRow = 'frontend' | 'gateway' | 'backend' | 'critical';
export const SAMPLING_ROWS = ['frontend', 'gateway', 'backend', 'critical'] as const satisfies SamplingRow[];

/** Rates are shares from 0 to 1. */
export interface SamplingRates {
  /** Of ordinary segments. */
  readonly rate: number;
  /** Of segments of an operation class, where that is more than `rate`. */
  readonly operations: Readonly<Record<string, number>>;
}

/** Gives requests that fit all of its patterns an operation class. In patterns `*` stands for any characters. At least one is there. */
export interface OperationRule {
  /** Of `http.route`, or of the path where there is no route; of gRPC `/package.Service/Method`. */
  readonly route?: string;
  /** HTTP method in capitals, no pattern. */
  readonly method?: string;
  /** Of the name of the local root: messages, jobs. */
  readonly name?: string;
  readonly class: string;
}

/** The section `sampling` of the policy file. */
export interface SamplingPolicy {
  /** By service type. Defaults: the owner's table. */
  readonly table: Readonly<Record<SamplingRow, SamplingRates>>;
  /** Rates of single services, by `service.name`, over the table. */
  readonly services: Readonly<Record<string, SamplingRates>>;
  /** Operation classes by route; the first that fits counts, and what the program says itself comes before. Default: none. */
  readonly classes: readonly OperationRule[];
  /** Segments as long as this are all kept; 0: length says nothing. Default 0. */
  readonly slowMs: number;
  /**
   * Error and slow segments kept in a second; 0: no bound. Beyond it a share of them is kept, with a threshold of its own, also when
   * that is less than the ordinary rate. Default 0.
   */
  readonly errorsPerSecond: number;
  readonly adaptive: {
    /** Ordinary segments that are to be kept in a second, at most; the rate falls below the table's to hold it. 0: off. Default 0. */
    readonly keptPerSecond: number;
    /** The rate never falls below this. Default 0.001. */
    readonly leastRate: number;
  };
  readonly tail: {
    /** Spans held while their segments are open. Default 50,000. */
    readonly openSpans: number;
    /** Spans of one segment; then it is decided with what is known. Default 2,000. */
    readonly spansOfSegment: number;
    /**
     * Spans of segments that were left out, held in case another tier keeps their trace. Default 2,048: what is held outlives the young
     * generation of the garbage collector, and twice as many cost a third more CPU per span.
     */
    readonly recentSpans: number;
    /** How long they are held. Default 10. */
    readonly recentSeconds: number;
    /** What all spans that are held take, open or left out, by estimate. Default 64 MiB. */
    readonly heldBytes: number;
  };
}

/** The owner's table: base rates, and critical operations. */
const TABLE: Readonly<Record<SamplingRow, SamplingRates>> = {
  frontend: { rate: 0.01, operations: { user_action: 0.05 } },
  gateway: { rate: 0.1, operations: { websocket: 0.2 } },
  backend: { rate: 0.2, operations: { business: 0.5 } },
  critical: { rate: 0.8, operations: { auth: 1, pay: 1 } },
};

const KEYS = ['table', 'services', 'classes', 'slowMs', 'errorsPerSecond', 'adaptive', 'tail'];
const TAIL_KEYS = ['openSpans', 'spansOfSegment', 'recentSpans', 'recentSeconds', 'heldBytes'];

/** Reads the section. @throws ObservabilityError `bad_policy` with the path of the wrong value. */
export function readSamplingPolicy(top: Fields): SamplingPolicy {
  const of = top.section('sampling', KEYS);
  const table = of.section('table', SAMPLING_ROWS);
  const adaptive = of.section('adaptive', ['keptPerSecond', 'leastRate']);
  const tail = of.section('tail', TAIL_KEYS);
  const rows = Object.fromEntries(
    SAMPLING_ROWS.map((row) => [row, readRates(table, row, TABLE[row])]),
  ) as Record<SamplingRow, SamplingRates>;
  const openSpans = tail.whole('openSpans', 50_000, 1);
  const spansOfSegment = tail.whole('spansOfSegment', Math.min(2_000, openSpans), 1);
  if (spansOfSegment > openSpans) {
    tail.fail('spansOfSegment', `expected at most openSpans, which is ${openSpans}`, spansOfSegment);
  }
  const keptPerSecond = adaptive.number('keptPerSecond', 0, 0);
  const leastRate = adaptive.share('leastRate', 0.001);
  // A target that the least rate may overrun at any time bounds nothing; a least rate of 1 leaves nothing to adapt.
  if (keptPerSecond > 0 && leastRate === 1) {
    adaptive.fail('leastRate', 'expected a rate below 1, as adaptive.keptPerSecond asks for lower ones', 1);
  }
  const services = of.map('services', (services, name) => readRates(services, name));
  return {
    table: rows,
    services,
    classes: readClasses(of, [...Object.values(rows), ...Object.values(services)]),
    slowMs: of.number('slowMs', 0, 0),
    errorsPerSecond: of.number('errorsPerSecond', 0, 0),
    adaptive: { keptPerSecond, leastRate },
    tail: {
      openSpans,
      spansOfSegment,
      recentSpans: tail.whole('recentSpans', 2_048, 0),
      recentSeconds: tail.number('recentSeconds', 10, 0),
      heldBytes: tail.whole('heldBytes', 64 * 2 ** 20, 1),
    },
  };
}

/** A class that has no rate anywhere changes nothing: it is a mistake. */
function readClasses(of: Fields, rates: readonly SamplingRates[]): readonly OperationRule[] {
  const known = new Set(rates.flatMap(({ operations }) => Object.keys(operations)));
  return of.list('classes', ['route', 'method', 'name', 'class'], (rule) => {
    const route = rule.optionalText('route');
    const method = rule.optionalText('method', 'an HTTP method in capitals', /^[A-Z]+$/);
    const name = rule.optionalText('name');
    if (route === undefined && method === undefined && name === undefined) {
      rule.fail('route', 'expected at least one of route, method and name', undefined);
    }
    const operation = rule.text('class');
    if (!known.has(operation)) {
      rule.fail('class', `expected a class that has a rate (${[...known].join(', ')})`, operation);
    }
    return {
      ...(route !== undefined && { route }),
      ...(method !== undefined && { method }),
      ...(name !== undefined && { name }),
      class: operation,
    };
  });
}

/** A row without defaults has to say its rate. An operation below the base would never apply: it is a mistake. */
function readRates(of: Fields, name: string, defaults?: SamplingRates): SamplingRates {
  const row = of.section(name, ['rate', 'operations']);
  const rate = row.share('rate', defaults?.rate);
  const given = row.map('operations', (operations, operation) => {
    const own = operations.share(operation);
    if (own < rate) operations.fail(operation, `expected at least the base rate ${rate}`, own);
    return own;
  });
  const operations: Record<string, number> = {};
  for (const [operation, own] of Object.entries(defaults?.operations ?? {})) {
    // A base raised above it takes its place.
    if (own > rate) operations[operation] = own;
  }
  return { rate, operations: { ...operations, ...given } };
}
