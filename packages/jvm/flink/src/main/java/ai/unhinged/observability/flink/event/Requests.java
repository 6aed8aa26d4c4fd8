package ai.unhinged.observability.flink.event;

import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import unhinged.observability.v1.TraceEventOuterClass.TraceEvent;

/** Requests among spans; the same as `request.ts` of packages/processor. */
public final class Requests {
  private static final String UNKNOWN_SERVICE = "unknown_service";
  /** Longer names are cut. */
  private static final int MAX_NAME = 256;

  /**
   * One request that a service has answered.
   *
   * @param operation name of the span
   * @param weight how many requests it stands for, above 0
   */
  public record Request(String service, String operation, double durationMs, boolean isError, double weight) {}

  private Requests() {}

  /** Unix milliseconds of the end of the request that the span is; {@link Event#NO_REQUEST} when {@link #of} is null. */
  public static long endMs(TraceEvent event) {
    return of(event) == null ? Event.NO_REQUEST : Long.divideUnsigned(event.getSpan().getEndTimeUnixNano(), 1_000_000);
  }

  /**
   * SERVER and CONSUMER spans, and spans without a parent, that have ended. Null for any other span, which is part of a request, and for
   * one that was kept after it had been left out: its like have been counted for it.
   */
  public static Request of(TraceEvent event) {
    Span span = event.getSpan();
    boolean isRequest =
        event.hasSpan()
            && (span.getKind() == Span.SpanKind.SPAN_KIND_SERVER
                || span.getKind() == Span.SpanKind.SPAN_KIND_CONSUMER
                || span.getParentSpanId().isEmpty());
    double weight = weight(event);
    if (!isRequest || span.getEndTimeUnixNano() == 0 || weight == 0) return null;
    String service = event.getResource().getServiceName();
    return new Request(
        service.isEmpty() ? UNKNOWN_SERVICE : cut(service),
        cut(span.getName()),
        Math.max((span.getEndTimeUnixNano() - span.getStartTimeUnixNano()) / 1e6, 0),
        span.getStatus().getCode() == Status.StatusCode.STATUS_CODE_ERROR,
        weight);
  }

  /** What no sampler can mean counts as not known, and that as one. */
  private static double weight(TraceEvent event) {
    if (!event.hasSampling()) return 1;
    double count = event.getSampling().getAdjustedCount();
    return count >= 0 && count < Double.POSITIVE_INFINITY ? count : 1;
  }

  private static String cut(String name) {
    return name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name;
  }
}
