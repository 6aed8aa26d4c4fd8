package ai.unhinged.observability.flink.event;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import unhinged.observability.v1.EnvelopeOuterClass.Envelope;
import unhinged.observability.v1.LogEventOuterClass.LogEvent;
import unhinged.observability.v1.MetricEventOuterClass.MetricEvent;
import unhinged.observability.v1.TraceEventOuterClass.TraceEvent;

/**
 * The events of a record: one with a `ce_type` is an event, one without is an OTLP export request as the Collector's exporter writes it
 * (`otlp_proto`). The same as `read-message.ts` of packages/events, ids included.
 */
public final class MessageReader {
  private static final String TYPE_PREFIX = "observability.";
  /** A request repeats its resource and scope in each event, so a small one can become very large. */
  private static final long MAX_EVENT_BYTES = 64 << 20;

  /** @param rejected items of an OTLP request that are no events, by reason */
  public record Result(List<Event> events, Map<String, Integer> rejected) {}

  private MessageReader() {}

  public static Result read(KafkaMessage message) throws BadMessage {
    if (message.value() == null) throw new BadMessage("bad_event", "The record has no value.");
    String type = message.headers().get("ce_type");
    try {
      return type == null ? ofOtlp(message) : new Result(List.of(typed(type, message)), Map.of());
    } catch (InvalidProtocolBufferException cause) {
      throw new BadMessage("undecodable", cause.getMessage());
    }
  }

  private static Event typed(String ceType, KafkaMessage message) throws BadMessage, InvalidProtocolBufferException {
    String type = ceType.startsWith(TYPE_PREFIX) ? ceType.substring(TYPE_PREFIX.length()) : ceType;
    byte[] value = message.value();
    long requestEndMs = Event.NO_REQUEST;
    // Decoded here, so that what cannot be decoded goes to the dead-letter topic and not further into the job.
    switch (type) {
      case "span" -> requestEndMs = Requests.endMs(TraceEvent.parseFrom(value));
      case "metric" -> MetricEvent.parseFrom(value);
      case "log_entry" -> LogEvent.parseFrom(value);
      default -> {}
    }
    String id = message.headers().get("ce_id");
    if (id == null) id = Envelope.parseFrom(value).getEventId();
    if (id.isEmpty()) throw new BadMessage("bad_event", "The event has no id.");
    return new Event(id, type, value, requestEndMs);
  }

  private static Result ofOtlp(KafkaMessage message) throws BadMessage, InvalidProtocolBufferException {
    List<Event> events = new ArrayList<>();
    Map<String, Integer> rejected = new TreeMap<>();
    OtlpSink sink =
        new OtlpSink(message) {
          private long bytes;

          @Override
          void add(Event event) throws BadMessage {
            bytes += event.value.length;
            if (bytes > MAX_EVENT_BYTES) {
              throw new BadMessage("too_large", "The events of the batch have more than " + MAX_EVENT_BYTES + " bytes.");
            }
            events.add(event);
          }

          @Override
          void reject(String reason) {
            rejected.merge(reason, 1, Integer::sum);
          }
        };
    switch (message.topic()) {
      case "observability.traces" -> OtlpSpans.read(ExportTraceServiceRequest.parseFrom(message.value()), sink);
      case "observability.metrics" -> OtlpMetrics.read(ExportMetricsServiceRequest.parseFrom(message.value()), sink);
      case "observability.logs" -> OtlpLogs.read(ExportLogsServiceRequest.parseFrom(message.value()), sink);
      default ->
          throw new BadMessage("bad_event", "The record has no ce_type, and " + message.topic() + " holds no OTLP.");
    }
    return new Result(events, rejected);
  }
}
