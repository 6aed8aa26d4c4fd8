package ai.unhinged.observability.flink.event;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import unhinged.observability.v1.EnvelopeOuterClass.Resource;
import unhinged.observability.v1.MetricEventOuterClass.MetricEvent;

/** Metrics as MetricEvents, with what the lake needs of the envelope. */
final class OtlpMetrics {
  private OtlpMetrics() {}

  static void read(ExportMetricsServiceRequest request, OtlpSink sink) throws BadMessage {
    for (ResourceMetrics group : request.getResourceMetricsList()) {
      Resource resource = Sources.resource(group.getResource());
      for (ScopeMetrics scope : group.getScopeMetricsList()) {
        for (Metric metric : scope.getMetricsList()) {
          String id = sink.nextId();
          if (metric.getName().isEmpty()) {
            sink.reject("no_metric_name");
            continue;
          }
          MetricEvent.Builder event =
              MetricEvent.newBuilder()
                  .setEventId(id)
                  .setEventType("metric")
                  .setResource(resource)
                  .setDestinations(Sources.STREAM_AND_LAKE)
                  .setMetric(metric);
          if (scope.hasScope()) event.setScope(scope.getScope());
          sink.add(new Event(id, "metric", event.build().toByteArray(), Event.NO_REQUEST));
        }
      }
    }
  }
}
