package ai.unhinged.observability.flink.window;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.unhinged.observability.flink.Vectors;
import ai.unhinged.observability.flink.event.Event;
import ai.unhinged.observability.flink.event.Json;
import ai.unhinged.observability.flink.event.Requests;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import unhinged.observability.v1.TraceEventOuterClass.TraceEvent;

class RedWindowsTest {
  private final ObjectMapper json = new ObjectMapper();

  @Test
  void windowsAreThoseOfTheTypeScriptProcessor() throws Exception {
    JsonNode vectors = Vectors.read("processor/vectors/windows.json");
    List<Event> events = new ArrayList<>();
    for (JsonNode span : vectors.get("spans")) {
      TraceEvent event = TraceEvent.parseFrom(Vectors.bytes(span));
      events.add(new Event("", "span", event.toByteArray(), Requests.endMs(event)));
    }
    // A stream ends with a watermark beyond everything, which closes the window of the last request; in TypeScript it stays open.
    long last = events.get(events.size() - 1).requestEndMs;
    Set<JsonNode> expected = new HashSet<>();
    // Numbers as Java reads them, whether written 1 or 1.0.
    for (JsonNode window : vectors.get("windows")) expected.add(json.readTree(canonical(window)));
    Set<JsonNode> found = new HashSet<>();
    for (RedWindow window : windows(events)) {
      if (window.endMs <= last) found.add(json.readTree(canonical(json.readTree(window.json()))));
    }
    assertEquals(expected, found);
  }

  @Test
  void aSketchIsThatOfTheTypeScriptProcessor() throws Exception {
    JsonNode vector = Vectors.read("processor/vectors/windows.json").get("sketch");
    Sketch whole = new Sketch();
    Sketch even = new Sketch();
    Sketch odd = new Sketch();
    for (int i = 0; i < vector.get("values").size(); i++) {
      double value = vector.get("values").get(i).asDouble();
      whole.add(value, i + 1);
      (i % 2 == 0 ? even : odd).add(value, i + 1);
    }
    even.merge(odd);
    JsonNode state = json.readTree(canonical(vector.get("state")));
    assertEquals(state, json.readTree(canonical(json.readTree(Json.text(whole.json())))));
    assertEquals(state, json.readTree(canonical(json.readTree(Json.text(even.json())))));
  }

  /** Every number as a double. */
  private static String canonical(JsonNode node) {
    if (node.isNumber()) return Double.toString(node.asDouble());
    if (!node.isContainerNode()) return node.toString();
    List<String> parts = new ArrayList<>();
    if (node.isArray()) node.forEach(item -> parts.add(canonical(item)));
    else node.fields().forEachRemaining(each -> parts.add("\"" + each.getKey() + "\":" + canonical(each.getValue())));
    return (node.isArray() ? "[" : "{") + String.join(",", parts) + (node.isArray() ? "]" : "}");
  }

  private static List<RedWindow> windows(List<Event> events) throws Exception {
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    DataStream<Event> stream =
        environment
            .fromData(events)
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Event>forGenerator(context -> new AfterEach())
                    .withTimestampAssigner((event, before) -> event.requestEndMs));
    List<RedWindow> windows = new ArrayList<>();
    try (CloseableIterator<RedWindow> results = RedWindows.of(stream).executeAndCollect()) {
      results.forEachRemaining(windows::add);
    }
    return windows;
  }

  /** As {@link RequestWatermarks}, after each event and not from time to time, so that what is late is the same in every run. */
  private static final class AfterEach implements WatermarkGenerator<Event> {
    private long newest = Long.MIN_VALUE;

    @Override
    public void onEvent(Event event, long endMs, WatermarkOutput output) {
      if (event.requestEndMs == Event.NO_REQUEST || endMs <= newest) return;
      newest = endMs;
      output.emitWatermark(new Watermark(endMs - RequestWatermarks.DELAY.toMillis() - 1));
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
  }
}
