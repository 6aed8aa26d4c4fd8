package ai.unhinged.observability.flink.lake;

import ai.unhinged.observability.flink.event.Event;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import unhinged.observability.v1.EnvelopeOuterClass.Resource;
import unhinged.observability.v1.EnvelopeOuterClass.TraceContext;
import unhinged.observability.v1.LogEventOuterClass.LogEvent;
import unhinged.observability.v1.MetricEventOuterClass.MetricEvent;
import unhinged.observability.v1.TraceEventOuterClass.TraceEvent;

/** Rows of events, or why an event has none; the same as `event-rows.ts` of packages/lake. */
public final class EventRows {
  /** @param skipped null when there are rows; else not_for_lake, alert, unknown_type, empty_event, bad_time or undecodable */
  public record Result(List<LakeRow> rows, String skipped) {}

  private EventRows() {}

  public static Result of(Event event) {
    try {
      return switch (event.type) {
        case "span" -> {
          TraceEvent span = TraceEvent.parseFrom(event.value);
          if (!span.getDestinations().getDataLake()) yield skipped("not_for_lake");
          yield span.hasSpan() ? rows(List.of(TraceRows.of(span))) : skipped("empty_event");
        }
        case "metric" -> {
          MetricEvent metric = MetricEvent.parseFrom(event.value);
          if (!metric.getDestinations().getDataLake()) yield skipped("not_for_lake");
          boolean isEmpty = !metric.hasMetric() || metric.getMetric().getDataCase().getNumber() == 0;
          yield isEmpty ? skipped("empty_event") : rows(MetricRows.of(metric));
        }
        case "log_entry" -> {
          LogEvent line = LogEvent.parseFrom(event.value);
          yield line.getDestinations().getDataLake() ? rows(List.of(LogRows.of(line))) : skipped("not_for_lake");
        }
        case "alert" -> skipped("alert");
        default -> skipped("unknown_type");
      };
    } catch (BadTime cause) {
      return skipped("bad_time");
    } catch (InvalidProtocolBufferException cause) {
      return skipped("undecodable");
    }
  }

  private static Result rows(List<LakeRow> rows) {
    return new Result(rows, null);
  }

  private static Result skipped(String reason) {
    return new Result(List.of(), reason);
  }

  // What the rows of all tables have.

  /** Columns that say when; gives the partition's time. */
  static void putTime(Map<String, Object> row, long unixNano) throws BadTime {
    if (unixNano < 0) throw new BadTime();
    row.put("time", unixNano / 1_000);
    row.put("time_unix_nano", unixNano);
  }

  /** Columns that say who emitted an event. */
  static Map<String, Object> origin(String eventId, Resource resource, String emitterId, long sequence, String scopeName, String scopeVersion) {
    Map<String, Object> row = new HashMap<>();
    String name = resource.getServiceName();
    Map<String, String> attributes = new LinkedHashMap<>(resource.getAttributesMap());
    if (!name.isEmpty() && !Partitions.service(name).equals(name)) attributes.put("service.name", name);
    row.put("event_id", eventId);
    row.put("scope_name", scopeName);
    row.put("scope_version", scopeVersion);
    row.put("service_version", resource.getServiceVersion());
    row.put("environment", resource.getDeploymentEnvironment());
    row.put("tier", resource.getAttributesOrDefault("unhinged.tier", ""));
    row.put("resource_attributes", attributes);
    row.put("emitter_id", emitterId);
    row.put("sequence_number", unsigned(sequence));
    return row;
  }

  /** Columns that say which request, session and user an event belongs to. */
  static void putRequest(Map<String, Object> row, TraceContext context) {
    row.put("correlation_id", context.getCorrelationId());
    row.put("request_id", context.getRequestId());
    row.put("session_id", context.getSessionId());
    row.put("user_id", context.getUserId());
  }

  static LakeRow row(LakeTable table, Map<String, Object> row, Resource resource) {
    long unixNano = (Long) row.get("time_unix_nano");
    return LakeRow.of(table, Partitions.of(unixNano, Partitions.service(resource.getServiceName())), row);
  }

  /** 64 bits without a sign, in a column with one: null when they do not fit. */
  static Long unsigned(long value) {
    return value < 0 ? null : (Long) value;
  }

  static List<Long> unsigned(List<Long> values) {
    List<Long> result = new ArrayList<>(values.size());
    for (long value : values) result.add(unsigned(value));
    return result;
  }
}
