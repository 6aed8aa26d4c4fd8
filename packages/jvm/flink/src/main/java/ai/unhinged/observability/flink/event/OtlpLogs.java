package ai.unhinged.observability.flink.event;

import com.google.protobuf.Timestamp;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import unhinged.observability.v1.EnvelopeOuterClass;
import unhinged.observability.v1.EnvelopeOuterClass.Resource;
import unhinged.observability.v1.EnvelopeOuterClass.Sampling;
import unhinged.observability.v1.EnvelopeOuterClass.TraceContext;
import unhinged.observability.v1.LogEventOuterClass.ErrorInfo;
import unhinged.observability.v1.LogEventOuterClass.LogEvent;
import unhinged.observability.v1.LogEventOuterClass.LogLevel;

/** Log records as LogEvents, with what the lake needs of the envelope; the same as `logs.ts` of packages/events. */
final class OtlpLogs {
  private static final String DESTINATIONS = "unhinged.destinations";
  private static final String LAKE_RATE = "unhinged.lake.rate";
  private static final String CAUSES = "unhinged.exception.causes";
  /** Attributes that have a field of their own in the event. */
  private static final Set<String> LIFTED =
      Set.of(DESTINATIONS, LAKE_RATE, CAUSES, "exception.type", "exception.message", "exception.stacktrace");

  private static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error", "fatal");
  private static final Map<String, String> OTHER_NAMES =
      Map.of("warning", "warn", "err", "error", "critical", "fatal");

  private OtlpLogs() {}

  static void read(ExportLogsServiceRequest request, OtlpSink sink) throws BadMessage {
    for (ResourceLogs group : request.getResourceLogsList()) {
      Resource resource = Sources.resource(group.getResource());
      for (ScopeLogs scope : group.getScopeLogsList()) {
        for (LogRecord log : scope.getLogRecordsList()) {
          String id = sink.nextId();
          Map<String, Object> attributes = Attributes.plain(log.getAttributesList());
          int flags = flags(attributes);
          // None of our destinations wants it.
          if ((flags & (Destinations.STREAM | Destinations.LAKE)) == 0) continue;
          LogEvent event = event(id, log, attributes, flags, resource, scope.getScope().getName(), sink.receivedNano);
          sink.add(new Event(id, "log_entry", event.toByteArray(), Event.NO_REQUEST));
        }
      }
    }
  }

  private static LogEvent event(
      String id, LogRecord log, Map<String, Object> attributes, int flags, Resource resource, String scope, long now) {
    long observed = log.getObservedTimeUnixNano();
    int severity = log.getSeverityNumberValue();
    LogEvent.Builder event =
        LogEvent.newBuilder()
            .setEventId(id)
            .setEventType("log_entry")
            .setTimestamp(timestamp(eventTime(log.getTimeUnixNano(), observed, now)))
            .setTraceContext(context(log, attributes))
            .setResource(resource)
            .setDestinations(
                EnvelopeOuterClass.Destinations.newBuilder()
                    .setCdcStream((flags & Destinations.STREAM) != 0)
                    .setDataLake((flags & Destinations.LAKE) != 0))
            .setLevel(LogLevel.forNumber(level(log)))
            .setMessage(text(Attributes.plain(log.getBody())))
            .setMetadata(Attributes.struct(metadata(attributes)))
            .setScopeName(scope)
            .setSeverityNumber(severity >= 1 && severity <= 24 ? severity : 0)
            .setEventName(log.getEventName().isEmpty() ? text(attributes.get("event.name")) : log.getEventName())
            .setObservedTimestamp(timestamp(observed == 0 ? now : observed));
    if (attributes.get(LAKE_RATE) instanceof Number number) {
      double rate = number.doubleValue();
      if (rate > 0 && rate <= 1) event.setSampling(Sampling.newBuilder().setAdjustedCount(1).setLakeRate(rate));
    }
    ErrorInfo error = error(attributes);
    return error.equals(ErrorInfo.getDefaultInstance()) ? event.build() : event.setError(error).build();
  }

  /** Lines of foreign clients say nothing about destinations and go to both; so do lines whose flags cannot be read. */
  private static int flags(Map<String, Object> attributes) {
    int both = Destinations.STREAM | Destinations.LAKE;
    if (!attributes.containsKey(DESTINATIONS)) return both;
    Object value = attributes.get(DESTINATIONS);
    try {
      return Destinations.parse(value instanceof String text ? text : Json.text(value));
    } catch (IllegalArgumentException bad) {
      return both;
    }
  }

  /** The first time that is set and at most a day ahead of the time of receipt; else that. */
  private static long eventTime(long time, long observed, long now) {
    long latest = now + TimeUnit.DAYS.toNanos(1);
    if (time > 0 && time <= latest) return time;
    return observed > 0 && observed <= latest ? observed : now;
  }

  private static Timestamp timestamp(long unixNano) {
    return Timestamp.newBuilder()
        .setSeconds(Long.divideUnsigned(unixNano, 1_000_000_000))
        .setNanos((int) Long.remainderUnsigned(unixNano, 1_000_000_000))
        .build();
  }

  /** A log record without a trace is a good record, so wrong ids cost it only the ids. */
  private static TraceContext context(LogRecord log, Map<String, Object> attributes) {
    TraceContext.Builder context =
        TraceContext.newBuilder()
            .setCorrelationId(text(attributes.get(Ids.CORRELATION)))
            .setRequestId(text(attributes.get(Ids.REQUEST)))
            .setSessionId(text(attributes.get(Ids.SESSION)))
            .setUserId(text(attributes.get(Ids.USER)));
    if (Ids.isId(log.getTraceId(), 16)) {
      context.setTraceId(Ids.hex(log.getTraceId()));
      if (Ids.isId(log.getSpanId(), 8)) context.setSpanId(Ids.hex(log.getSpanId()));
    }
    return context.build();
  }

  /** Number in the LogLevel enum: by severity number, else by its text (`Information` is info), else 0. */
  private static int level(LogRecord log) {
    int severity = log.getSeverityNumberValue();
    if (severity >= 1 && severity <= 24) return (severity - 1) / 4 + 1;
    String name = log.getSeverityText().trim().toLowerCase(java.util.Locale.ROOT);
    String known = OTHER_NAMES.getOrDefault(name, name);
    for (int i = 0; i < LEVELS.size(); i++) if (known.startsWith(LEVELS.get(i))) return i + 1;
    return 0;
  }

  private static Map<String, Object> metadata(Map<String, Object> attributes) {
    Map<String, Object> metadata = new LinkedHashMap<>(attributes);
    metadata.keySet().removeAll(LIFTED);
    return metadata;
  }

  private static ErrorInfo error(Map<String, Object> attributes) {
    String type = text(attributes.get("exception.type"));
    String message = text(attributes.get("exception.message"));
    String stack = text(attributes.get("exception.stacktrace"));
    if (type.isEmpty() && message.isEmpty() && stack.isEmpty()) return ErrorInfo.getDefaultInstance();
    ErrorInfo.Builder error = ErrorInfo.newBuilder().setType(type).setMessage(message).setStack(stack);
    if (attributes.get(CAUSES) instanceof List<?> causes) {
      for (Object cause : causes) {
        if (!(cause instanceof Map<?, ?> fields)) continue;
        error.addCauses(
            ErrorInfo.newBuilder()
                .setType(text(fields.get("type")))
                .setMessage(text(fields.get("message")))
                .setStack(text(fields.get("stack"))));
      }
    }
    return error.build();
  }

  /** A string as it is, nothing as empty, anything else as JSON. */
  private static String text(Object value) {
    if (value == null) return "";
    return value instanceof String text ? text : Json.text(value);
  }
}
