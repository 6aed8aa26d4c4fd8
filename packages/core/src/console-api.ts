/**
 * What the console page and the bridge's console server say to each other, all JSON over HTTP on port 4319.
 * Times are Unix epoch nanoseconds as decimal strings where precision matters (`…Nano`), milliseconds as numbers
 * elsewhere (`…Ms`). Ids are lowercase hex.
 */

/** Attribute values as OTLP has them, whole numbers beyond 2^53 as strings. */
export type AttributeValue =
  string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };
export type Attributes = Record<string, AttributeValue>;

/** RED figures of one service over the last `windowMs`. `GET /api/services` → {@link ServicesResponse}. */
export interface ServiceSummary {
  service: string;
  /** web, gateway or backend; `unknown` when the resource does not say (`unhinged.tier`). */
  tier: string;
  requests: number;
  errors: number;
  /** Requests a second. */
  rate: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  lastSeenMs: number;
  /** Newest last: one entry per window of the overview's sparkline. */
  series: ServicePoint[];
}
export interface ServicePoint {
  startMs: number;
  requests: number;
  errors: number;
  p95Ms: number;
}
export interface ServicesResponse {
  windowMs: number;
  services: ServiceSummary[];
}

/** One row of the trace list. `GET /api/traces?service=&q=&errors=1&minMs=&limit=` → {@link TracesResponse}. */
export interface TraceSummary {
  traceId: string;
  rootName: string;
  rootService: string;
  startMs: number;
  durationMs: number;
  spans: number;
  errors: number;
  services: string[];
  /** False while the root span has not arrived. */
  complete: boolean;
}
export interface TracesResponse {
  traces: TraceSummary[];
}

/** One span of a waterfall. */
export interface SpanView {
  spanId: string;
  /** Empty for a root. */
  parentSpanId: string;
  name: string;
  service: string;
  tier: string;
  kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  status: 'unset' | 'ok' | 'error';
  statusMessage: string;
  startNano: string;
  endNano: string;
  scope: string;
  attributes: Attributes;
  resource: Record<string, string>;
  events: { name: string; timeNano: string; attributes: Attributes }[];
  links: { traceId: string; spanId: string; attributes: Attributes }[];
}
/** `GET /api/traces/:traceId` → 200 or 404. */
export interface TraceResponse {
  traceId: string;
  spans: SpanView[];
  logs: LogView[];
}

export interface LogView {
  eventId: string;
  timeNano: string;
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'unspecified';
  service: string;
  tier: string;
  message: string;
  traceId: string;
  spanId: string;
  attributes: Attributes;
  error?: { type: string; message: string; stack: string };
  /** Destination flags in canonical form, for example `CD-`. */
  flags: string;
}
/** `GET /api/logs?service=&level=&q=&traceId=&limit=` newest last. `level` is a minimum. */
export interface LogsResponse {
  logs: LogView[];
}

export interface MetricInfo {
  name: string;
  unit: string;
  description: string;
  type: 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary';
  services: string[];
}
/** `GET /api/metrics`. */
export interface MetricsResponse {
  metrics: MetricInfo[];
}
/**
 * `GET /api/metrics/series?name=&service=`. Gauges and non-monotonic sums: the value. Monotonic sums: a rate a second.
 * Histograms: mean as `value`, with `p50`, `p95`, `p99` estimated from the buckets.
 */
export interface MetricSeriesResponse {
  name: string;
  unit: string;
  series: {
    service: string;
    attributes: Attributes;
    points: { timeMs: number; value: number; p50?: number; p95?: number; p99?: number }[];
  }[];
}

export interface AlertView {
  fingerprint: string;
  name: string;
  state: 'pending' | 'firing' | 'resolved';
  severity: 'page' | 'ticket';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  value: number;
  threshold: number;
  startsMs: number;
  endsMs?: number;
  /** All transitions seen, oldest first. */
  history: { state: 'pending' | 'firing' | 'resolved'; timeMs: number }[];
}
/** `GET /api/alerts`: firing first, then pending, then resolved, newest first. */
export interface AlertsResponse {
  alerts: AlertView[];
}

/** `POST /api/query` with {@link QueryRequest} → {@link QueryResponse}, or 400 with {@link ErrorResponse}. */
export interface QueryRequest {
  sql: string;
  /** 1 to 10,000. Default 1,000. */
  maxRows?: number;
}
export interface QueryResponse {
  columns: { name: string; type: string }[];
  /** Values as JSON; 64-bit integers beyond 2^53 and timestamps as strings. */
  rows: AttributeValue[][];
  /** True when rows beyond `maxRows` were left out. */
  truncated: boolean;
  elapsedMs: number;
}

/**
 * `POST /api/stack` with {@link ResolveStackRequest}: the stack with the places of the sources, by the source maps that were uploaded
 * (`PUT /api/sourcemaps/<debug id>`).
 */
export interface ResolveStackRequest {
  stack: string;
  /** Attribute `unhinged.debug_ids` beside the stack: each `<debug id> <file>`. */
  debugIds: readonly string[];
}
export interface ResolveStackResponse {
  /** Null when no line of it could be resolved. */
  stack: string | null;
}

/** `GET /api/status`: what runs, where, and every counter. */
export interface StatusResponse {
  version: string;
  startedMs: number;
  dataDir: string;
  ports: { grpc: number; http: number; prometheus: number; console: number };
  lake: {
    committedSequence: number;
    rows: Record<string, number>;
    pendingRows: number;
    lastCommitMs: number | null;
  };
  journal: { firstSequence: number; lastSequence: number; bytes: number; capBytes: number };
  /** Same names and values as `/metrics`. */
  counters: Record<string, number>;
}

/** Body of every answer that is not 2xx. */
export interface ErrorResponse {
  error: { code: string; message: string };
}

/**
 * `GET /api/live`: server-sent events. Each `data:` is one of these as JSON and `event:` is its `type`. Batches are sent at
 * most four times a second; a slow reader is sent `gap` with the number of items it missed.
 */
export type LiveMessage =
  | { type: 'hello'; version: string }
  | { type: 'traces'; traces: TraceSummary[] }
  | { type: 'logs'; logs: LogView[] }
  | { type: 'services'; windowMs: number; services: ServiceSummary[] }
  | { type: 'alerts'; alerts: AlertView[] }
  | { type: 'gap'; missed: number };
