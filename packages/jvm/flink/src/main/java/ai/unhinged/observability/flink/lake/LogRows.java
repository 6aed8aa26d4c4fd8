package ai.unhinged.observability.flink.lake;

import ai.unhinged.observability.flink.event.Attributes;
import ai.unhinged.observability.flink.event.Json;
import com.google.protobuf.Timestamp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import unhinged.observability.v1.LogEventOuterClass.ErrorInfo;
import unhinged.observability.v1.LogEventOuterClass.LogEvent;

/** The row of a log line. */
final class LogRows {
  private static final List<String> LEVELS =
      List.of("unspecified", "trace", "debug", "info", "warn", "error", "fatal");

  private LogRows() {}

  static LakeRow of(LogEvent event) throws BadTime {
    Map<String, Object> row =
        EventRows.origin(
            event.getEventId(),
            event.getResource(),
            event.getEmitterId(),
            event.getSequenceNumber(),
            event.getScopeName(),
            "");
    Long observed = nano(event.getObservedTimestamp());
    boolean isTimeless = event.getTimestamp().equals(Timestamp.getDefaultInstance());
    Long time = isTimeless ? observed : nano(event.getTimestamp());
    if (time == null) throw new BadTime();
    EventRows.putTime(row, time);
    EventRows.putRequest(row, event.getTraceContext());
    row.put("observed_time_unix_nano", observed != null && observed == 0 ? null : observed);
    row.put("level", TraceRows.name(LEVELS, event.getLevelValue()));
    row.put("severity_number", event.getSeverityNumber());
    row.put("message", event.getMessage());
    row.put("event_name", event.getEventName());
    row.put("trace_id", event.getTraceContext().getTraceId());
    row.put("span_id", event.getTraceContext().getSpanId());
    ErrorInfo error = event.getError();
    row.put("error_type", event.hasError() ? error.getType() : null);
    row.put("error_message", event.hasError() ? error.getMessage() : null);
    row.put("error_stack", event.hasError() ? error.getStack() : null);
    row.put("error_causes", error.getCausesCount() > 0 ? Json.text(causes(error)) : null);
    row.put("attributes", Json.text(Attributes.plain(event.getMetadata())));
    row.put("lake_rate", event.getSampling().getLakeRate());
    row.put("adjusted_count", event.hasSampling() ? event.getSampling().getAdjustedCount() : 1.0);
    return EventRows.row(LakeTable.LOGS, row, event.getResource());
  }

  /** Null when 64 bits do not hold it. */
  private static Long nano(Timestamp time) {
    try {
      return Math.addExact(Math.multiplyExact(time.getSeconds(), 1_000_000_000L), time.getNanos());
    } catch (ArithmeticException tooLarge) {
      return null;
    }
  }

  private static List<Object> causes(ErrorInfo error) {
    List<Object> causes = new ArrayList<>();
    for (ErrorInfo cause : error.getCausesList()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("type", cause.getType());
      fields.put("message", cause.getMessage());
      fields.put("stack", cause.getStack());
      if (cause.getCausesCount() > 0) fields.put("causes", causes(cause));
      causes.add(fields);
    }
    return causes;
  }
}
