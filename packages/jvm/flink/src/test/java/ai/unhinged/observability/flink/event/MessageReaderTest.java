package ai.unhinged.observability.flink.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.unhinged.observability.flink.Vectors;
import ai.unhinged.observability.flink.lake.EventRows;
import ai.unhinged.observability.flink.lake.LakeRow;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class MessageReaderTest {
  @TestFactory
  List<DynamicTest> messagesHoldTheSameEventsAsInTypeScript() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode vector : Vectors.read("events/vectors/messages.json")) {
      String name = vector.get("topic").asText() + " " + vector.get("partition").asInt();
      tests.add(DynamicTest.dynamicTest(name, () -> check(vector)));
    }
    return tests;
  }

  private static void check(JsonNode vector) throws Exception {
    KafkaMessage message = message(vector);
    if (vector.has("refused")) {
      assertThrows(BadMessage.class, () -> MessageReader.read(message));
      return;
    }
    MessageReader.Result result = MessageReader.read(message);
    assertEquals(vector.get("events").size(), result.events().size());
    for (int i = 0; i < result.events().size(); i++) {
      Event event = result.events().get(i);
      JsonNode expected = vector.get("events").get(i);
      assertEquals(expected.get("id").asText(), event.id);
      assertEquals(expected.get("eventType").asText(), event.type);
      Event other = new Event(event.id, event.type, Vectors.bytes(expected.get("value")), Event.NO_REQUEST);
      assertEquals(described(other), described(event));
      assertEquals(endMs(other), event.requestEndMs);
    }
    Map<String, Integer> rejected = new TreeMap<>();
    vector.get("rejected").forEach(each -> rejected.put(each.get("reason").asText(), each.get("items").asInt()));
    assertEquals(rejected, result.rejected());
  }

  /** What the lake makes of it: the rest of an event the job has no use for. */
  private static String described(Event event) {
    EventRows.Result result = EventRows.of(event);
    List<String> rows = new ArrayList<>();
    for (LakeRow row : result.rows()) rows.add(row.table + row.partition + Arrays.toString(row.values));
    return result.skipped() + rows;
  }

  private static long endMs(Event event) throws Exception {
    return event.type.equals("span")
        ? Requests.endMs(unhinged.observability.v1.TraceEventOuterClass.TraceEvent.parseFrom(event.value))
        : Event.NO_REQUEST;
  }

  private static KafkaMessage message(JsonNode vector) {
    Map<String, String> headers = new HashMap<>();
    vector.get("headers").fields().forEachRemaining(each -> headers.put(each.getKey(), each.getValue().asText()));
    return new KafkaMessage(
        vector.get("topic").asText(),
        vector.get("partition").asInt(),
        vector.get("offset").asLong(),
        vector.get("timestamp").asLong(),
        null,
        Vectors.bytes(vector.get("value")),
        headers);
  }

  @Test
  void tombstonesAndEventsThatCannotBeDecodedAreRefused() {
    Map<String, String> headers = Map.of("ce_type", "observability.span", "ce_id", "id");
    KafkaMessage tombstone = new KafkaMessage("observability.traces", 0, 0, 0, null, null, Map.of());
    KafkaMessage garbage = new KafkaMessage("observability.traces", 0, 0, 0, null, new byte[] {1, 2, 3}, headers);
    assertEquals("bad_event", assertThrows(BadMessage.class, () -> MessageReader.read(tombstone)).reason);
    assertEquals("undecodable", assertThrows(BadMessage.class, () -> MessageReader.read(garbage)).reason);
  }

  @Test
  void aBatchWhoseEventsWouldBeTooLargeIsRefused() {
    // Each of 100,000 log lines would carry the same 1,000 bytes of its resource.
    var resource = io.opentelemetry.proto.resource.v1.Resource.newBuilder();
    var name = io.opentelemetry.proto.common.v1.AnyValue.newBuilder().setStringValue("x".repeat(1_000));
    resource.addAttributesBuilder().setKey("k").setValue(name);
    var lines = io.opentelemetry.proto.logs.v1.ScopeLogs.newBuilder();
    for (int i = 0; i < 100_000; i++) lines.addLogRecordsBuilder().setTimeUnixNano(1);
    var request = io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest.newBuilder();
    request.addResourceLogsBuilder().setResource(resource).addScopeLogs(lines);
    byte[] value = request.build().toByteArray();
    KafkaMessage message = new KafkaMessage("observability.logs", 0, 0, 1, null, value, Map.of());
    assertEquals("too_large", assertThrows(BadMessage.class, () -> MessageReader.read(message)).reason);
  }
}
