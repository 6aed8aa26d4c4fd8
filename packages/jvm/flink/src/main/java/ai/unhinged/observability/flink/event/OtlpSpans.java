package ai.unhinged.observability.flink.event;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.charset.StandardCharsets;
import unhinged.observability.v1.EnvelopeOuterClass.Resource;
import unhinged.observability.v1.EnvelopeOuterClass.Sampling;
import unhinged.observability.v1.EnvelopeOuterClass.TraceContext;
import unhinged.observability.v1.TraceEventOuterClass.TraceEvent;

/** Spans as TraceEvents, with what the lake and the windows need of the envelope. */
final class OtlpSpans {
  /** An id that is longer is none, and stays an attribute only. */
  private static final int MAX_ID_BYTES = 256;

  private OtlpSpans() {}

  static void read(ExportTraceServiceRequest request, OtlpSink sink) throws BadMessage {
    for (ResourceSpans group : request.getResourceSpansList()) {
      Resource resource = Sources.resource(group.getResource());
      for (ScopeSpans scope : group.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          String id = sink.nextId();
          if (!Ids.isId(span.getTraceId(), 16)) sink.reject("bad_trace_id");
          else if (!Ids.isId(span.getSpanId(), 8)) sink.reject("bad_span_id");
          else sink.add(event(id, span, scope, resource));
        }
      }
    }
  }

  private static Event event(String id, Span span, ScopeSpans scope, Resource resource) {
    TraceEvent.Builder event =
        TraceEvent.newBuilder()
            .setEventId(id)
            .setEventType("span")
            .setTraceContext(context(span))
            .setResource(resource)
            .setDestinations(Sources.STREAM_AND_LAKE)
            .setSpan(span);
    if (scope.hasScope()) event.setScope(scope.getScope());
    Double count = TraceState.adjustedCount(span.getTraceState());
    if (count != null) event.setSampling(Sampling.newBuilder().setAdjustedCount(count));
    TraceEvent built = event.build();
    return new Event(id, "span", built.toByteArray(), Requests.endMs(built));
  }

  private static TraceContext context(Span span) {
    TraceContext.Builder context =
        TraceContext.newBuilder().setTraceId(Ids.hex(span.getTraceId())).setSpanId(Ids.hex(span.getSpanId()));
    for (KeyValue attribute : span.getAttributesList()) {
      if (!attribute.getValue().hasStringValue()) continue;
      String text = attribute.getValue().getStringValue();
      if (text.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) continue;
      switch (attribute.getKey()) {
        case Ids.CORRELATION -> context.setCorrelationId(text);
        case Ids.REQUEST -> context.setRequestId(text);
        case Ids.SESSION -> context.setSessionId(text);
        case Ids.USER -> context.setUserId(text);
        default -> {}
      }
    }
    return context.build();
  }
}
