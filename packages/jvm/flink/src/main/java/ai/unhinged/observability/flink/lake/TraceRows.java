package ai.unhinged.observability.flink.lake;

import static ai.unhinged.observability.flink.lake.EventRows.unsigned;

import ai.unhinged.observability.flink.event.Attributes;
import ai.unhinged.observability.flink.event.Ids;
import ai.unhinged.observability.flink.event.Json;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import unhinged.observability.v1.TraceEventOuterClass.TraceEvent;

/** The row of a span. */
final class TraceRows {
  private static final List<String> KINDS =
      List.of("unspecified", "internal", "server", "client", "producer", "consumer");
  private static final List<String> STATUS_CODES = List.of("unset", "ok", "error");

  private TraceRows() {}

  static LakeRow of(TraceEvent event) throws BadTime {
    Span span = event.getSpan();
    Map<String, Object> row =
        EventRows.origin(
            event.getEventId(),
            event.getResource(),
            event.getEmitterId(),
            event.getSequenceNumber(),
            event.getScope().getName(),
            event.getScope().getVersion());
    EventRows.putTime(row, span.getStartTimeUnixNano());
    EventRows.putRequest(row, event.getTraceContext());
    long end = span.getEndTimeUnixNano();
    long duration = end - span.getStartTimeUnixNano();
    row.put("end_time_unix_nano", unsigned(end));
    row.put("duration_ns", end < 0 ? unsigned(duration) : (Long) duration);
    row.put("trace_id", Ids.hex(span.getTraceId()));
    row.put("span_id", Ids.hex(span.getSpanId()));
    row.put("parent_span_id", Ids.hex(span.getParentSpanId()));
    row.put("name", span.getName());
    row.put("kind", name(KINDS, span.getKindValue()));
    row.put("status_code", name(STATUS_CODES, span.getStatus().getCodeValue()));
    row.put("status_message", span.getStatus().getMessage());
    row.put("trace_state", span.getTraceState());
    row.put("attributes", Json.text(Attributes.plain(span.getAttributesList())));
    row.put("events", Json.text(events(span)));
    row.put("links", Json.text(links(span)));
    row.put("adjusted_count", event.hasSampling() ? event.getSampling().getAdjustedCount() : 1.0);
    return EventRows.row(LakeTable.TRACES, row, event.getResource());
  }

  /** The first stands for numbers that this version does not know. */
  static String name(List<String> names, int number) {
    return number > 0 && number < names.size() ? names.get(number) : names.get(0);
  }

  private static List<Object> events(Span span) {
    List<Object> events = new ArrayList<>();
    for (Span.Event event : span.getEventsList()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("name", event.getName());
      fields.put("time_unix_nano", Long.toUnsignedString(event.getTimeUnixNano()));
      fields.put("attributes", Attributes.plain(event.getAttributesList()));
      events.add(fields);
    }
    return events;
  }

  private static List<Object> links(Span span) {
    List<Object> links = new ArrayList<>();
    for (Span.Link link : span.getLinksList()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("trace_id", Ids.hex(link.getTraceId()));
      fields.put("span_id", Ids.hex(link.getSpanId()));
      fields.put("trace_state", link.getTraceState());
      fields.put("attributes", Attributes.plain(link.getAttributesList()));
      links.add(fields);
    }
    return links;
  }
}
