import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { SignalCounts } from '../stats.js';
import { warnOnce } from '../warn.js';

/** Counts the data points that pass through `exporter`, in place, and what became of them. */
export function countPoints(exporter: PushMetricExporter, counts: SignalCounts): PushMetricExporter {
  const send = exporter.export.bind(exporter);
  exporter.export = (metrics: ResourceMetrics, done: (result: ExportResult) => void) => {
    const points = pointsIn(metrics);
    counts.created += points;
    send(metrics, (result) => {
      if (result.code === ExportResultCode.SUCCESS) counts.exported += points;
      else {
        counts.drop('rejected', points);
        warnOnce(
          `metrics could not be exported: ${result.error?.message ?? 'unknown error'}; counted in stats()`,
        );
      }
      done(result);
    });
  };
  return exporter;
}

function pointsIn(metrics: ResourceMetrics): number {
  let points = 0;
  for (const scope of metrics.scopeMetrics) {
    for (const metric of scope.metrics) points += metric.dataPoints.length;
  }
  return points;
}
