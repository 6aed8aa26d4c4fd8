package ai.unhinged.observability.flink.lake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ai.unhinged.observability.flink.Vectors;
import ai.unhinged.observability.flink.event.Event;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class EventRowsTest {
  @TestFactory
  List<DynamicTest> rowsAreThoseOfTheTypeScriptLake() throws Exception {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode vector : Vectors.read("lake/vectors/rows.json")) {
      tests.add(DynamicTest.dynamicTest(vector.get("name").asText(), () -> check(vector)));
    }
    return tests;
  }

  private static void check(JsonNode vector) {
    Event event =
        new Event("", vector.get("eventType").asText(), Vectors.bytes(vector.get("value")), Event.NO_REQUEST);
    EventRows.Result result = EventRows.of(event);
    assertEquals(vector.has("skipped") ? vector.get("skipped").asText() : null, result.skipped());
    assertEquals(vector.path("rows").size(), result.rows().size());
    for (int i = 0; i < result.rows().size(); i++) {
      LakeRow row = result.rows().get(i);
      assertEquals(vector.get("table").asText(), row.table.folder);
      checkRow(vector.get("rows").get(i), row);
    }
  }

  private static void checkRow(JsonNode expected, LakeRow row) {
    for (int i = 0; i < row.values.length; i++) {
      LakeTable.Column column = row.table.columns().get(i);
      if (column.name().equals("time")) {
        // DuckDB derives it.
        assertEquals(expected.get("time_unix_nano").asLong() / 1_000, row.values[i]);
      } else {
        checkValue(column.name(), expected.get(column.name()), row.values[i]);
      }
    }
    String folder =
        "date=" + expected.get("date").asText() + "/hour=" + expected.get("hour").asText() + "/service=";
    assertEquals(folder + encoded(expected.get("service").asText()), row.partition);
  }

  /** As DuckDB writes what a path cannot hold. */
  private static String encoded(String service) {
    return java.net.URLEncoder.encode(service, java.nio.charset.StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  private static void checkValue(String column, JsonNode expected, Object value) {
    if (expected == null || expected.isNull()) assertNull(value, column);
    else if (value instanceof List<?> list) {
      assertEquals(expected.size(), list.size(), column);
      for (int i = 0; i < list.size(); i++) checkValue(column, expected.get(i), list.get(i));
    } else if (value instanceof Map<?, ?> map) {
      assertEquals(expected.size(), map.size(), column);
      map.forEach((key, text) -> assertEquals(expected.get((String) key).asText(), text, column));
    } else if (value instanceof Double number) {
      // JSON lines have no NaN: there it is its name.
      double wanted = expected.isTextual() ? Double.parseDouble(expected.asText()) : expected.asDouble();
      assertEquals(wanted, number, column);
    } else assertEquals(expected.asText(), String.valueOf(value), column);
  }
}
