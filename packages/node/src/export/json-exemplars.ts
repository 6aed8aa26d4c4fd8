import { DataPointType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Exemplar } from '../metrics/exemplars.js';
import type { ExemplarsOf } from './encode/metrics.js';

interface Point {
  exemplars?: object[];
}

interface Request {
  resourceMetrics: {
    scopeMetrics: {
      metrics: Partial<Record<'histogram' | 'exponentialHistogram', { dataPoints: Point[] }>>[];
    }[];
  }[];
}

/**
 * The request as OTLP/JSON with exemplars, which the stock serializer does not know. It lists scopes, metrics and data points in the order
 * of `given`.
 */
export function withExemplars(
  request: Uint8Array,
  { scopeMetrics }: ResourceMetrics,
  exemplarsOf: ExemplarsOf,
): Uint8Array {
  const found: { scope: number; metric: number; point: number; exemplars: readonly Exemplar[] }[] = [];
  scopeMetrics.forEach(({ metrics }, scope) => {
    metrics.forEach(({ dataPointType, descriptor, dataPoints }, metric) => {
      const isHistogram =
        dataPointType === DataPointType.HISTOGRAM || dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM;
      if (!isHistogram) return;
      dataPoints.forEach(({ attributes }, point) => {
        const exemplars = exemplarsOf(descriptor.name, attributes);
        if (exemplars.length > 0) found.push({ scope, metric, point, exemplars });
      });
    });
  });
  // Mostly there are none, and then nothing is read again.
  if (found.length === 0) return request;
  const json = JSON.parse(new TextDecoder().decode(request)) as Request;
  for (const { scope, metric, point, exemplars } of found) {
    const data = json.resourceMetrics[0]?.scopeMetrics[scope]?.metrics[metric];
    const target = (data?.histogram ?? data?.exponentialHistogram)?.dataPoints[point];
    if (target) target.exemplars = exemplars.map(toJson);
  }
  return new TextEncoder().encode(JSON.stringify(json));
}

const toJson = ({ traceId, spanId, value, epochMs }: Exemplar) => ({
  timeUnixNano: String(BigInt(Math.round(epochMs * 1_000)) * 1_000n),
  asDouble: value,
  traceId,
  spanId,
});
