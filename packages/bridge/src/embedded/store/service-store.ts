import type { ServicePoint, ServiceSummary, ServicesResponse } from '@unhinged/observability-core';
import { Sketch, type Request } from '@unhinged/observability-processor';

/** Length of a point of the overview's sparkline. */
const BUCKET_MS = 10_000;
const BUCKETS = 90;
const WINDOW_MS = BUCKET_MS * BUCKETS;
const MAX_SERVICES = 1_000;

interface Bucket {
  startMs: number;
  requests: number;
  errors: number;
  latency: Sketch;
}

interface Service {
  tier: string;
  firstSeenMs: number;
  lastSeenMs: number;
  /** By slot; a slot whose start is another's is empty. */
  buckets: Map<number, Bucket>;
}

/** RED figures of every service over the last 15 minutes, up to the present moment. */
export class ServiceStore {
  readonly #now: () => number;
  readonly #services = new Map<string, Service>();
  #evicted = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): { services: number; evicted: number } {
    return { services: this.#services.size, evicted: this.#evicted };
  }

  /** Notes that a service gave a sign of life at `timeMs`. */
  see(name: string, tier: string, timeMs: number): void {
    const seenMs = Math.min(timeMs, this.#now());
    const known = this.#services.get(name);
    const service = known ?? {
      tier,
      firstSeenMs: seenMs,
      lastSeenMs: seenMs,
      buckets: new Map<number, Bucket>(),
    };
    if (tier !== 'unknown') service.tier = tier;
    service.firstSeenMs = Math.min(service.firstSeenMs, seenMs);
    service.lastSeenMs = Math.max(service.lastSeenMs, seenMs);
    this.#services.delete(name);
    this.#services.set(name, service);
    const oldest = this.#services.keys().next();
    if (this.#services.size <= MAX_SERVICES || oldest.done === true) return;
    this.#services.delete(oldest.value);
    this.#evicted++;
  }

  /** Counts a request of a service that was seen. Too old ones, and ones ahead of the clock, are left out. */
  count({ service: name, endMs, durationMs, isError, weight }: Request): void {
    const now = this.#now();
    const service = this.#services.get(name);
    if (!service || endMs <= now - WINDOW_MS || endMs > now + BUCKET_MS) return;
    const startMs = Math.floor(endMs / BUCKET_MS) * BUCKET_MS;
    // One slot more than are shown, for what is a little ahead of the clock.
    const slot = (startMs / BUCKET_MS) % (BUCKETS + 1);
    let bucket = service.buckets.get(slot);
    if (bucket?.startMs !== startMs) {
      if (bucket !== undefined && bucket.startMs > startMs) return;
      bucket = { startMs, requests: 0, errors: 0, latency: new Sketch() };
      service.buckets.set(slot, bucket);
    }
    bucket.requests += weight;
    if (isError) bucket.errors += weight;
    bucket.latency.add(durationMs, weight);
  }

  /** Services seen within the window, by name. */
  summaries(): ServicesResponse {
    const now = this.#now();
    const lastMs = Math.floor(now / BUCKET_MS) * BUCKET_MS;
    const services = [...this.#services]
      .filter(([, { lastSeenMs }]) => lastSeenMs > now - WINDOW_MS)
      .map(([name, service]) => summarize(name, service, now, lastMs))
      .sort((a, b) => (a.service < b.service ? -1 : 1));
    return { windowMs: WINDOW_MS, services };
  }
}

function summarize(name: string, service: Service, now: number, lastMs: number): ServiceSummary {
  const series: ServicePoint[] = [];
  const latency = new Sketch();
  let requests = 0;
  let errors = 0;
  const byStart = new Map([...service.buckets.values()].map((bucket) => [bucket.startMs, bucket]));
  for (let startMs = lastMs - (BUCKETS - 1) * BUCKET_MS; startMs <= lastMs; startMs += BUCKET_MS) {
    const bucket = byStart.get(startMs);
    series.push({
      startMs,
      requests: Math.round(bucket?.requests ?? 0),
      errors: Math.round(bucket?.errors ?? 0),
      p95Ms: bucket?.latency.quantile(0.95) ?? 0,
    });
    if (!bucket) continue;
    requests += bucket.requests;
    errors += bucket.errors;
    latency.merge(bucket.latency);
  }
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = latency.quantiles([0.5, 0.95, 0.99]);
  // A service that has just appeared is not slow because the window is long.
  const presentMs = Math.min(Math.max(now - service.firstSeenMs, BUCKET_MS), WINDOW_MS);
  return {
    service: name,
    tier: service.tier,
    requests: Math.round(requests),
    errors: Math.round(errors),
    rate: requests / (presentMs / 1000),
    p50Ms,
    p95Ms,
    p99Ms,
    lastSeenMs: service.lastSeenMs,
    series,
  };
}
