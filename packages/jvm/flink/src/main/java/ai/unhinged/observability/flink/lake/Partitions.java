package ai.unhinged.observability.flink.lake;

import ai.unhinged.observability.flink.event.EventIds;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Folders of the lake, as packages/lake and DuckDB name them. */
final class Partitions {
  /** A folder name has at most 255 bytes, `service=` included, and a byte is written as up to three. */
  private static final int MAX_ENCODED_BYTES = 200;

  private Partitions() {}

  /** `date=YYYY-MM-DD/hour=HH/service=…`, UTC. */
  static String of(long unixNano, String service) {
    String time = Instant.ofEpochSecond(unixNano / 1_000_000_000).toString();
    return "date=" + time.substring(0, 10) + "/hour=" + time.substring(11, 13) + "/service=" + encoded(service);
  }

  /**
   * Partition value of a service name. An empty name is `unknown`; a name too long for a folder is cut and ends with a hash of the whole,
   * so that two long names stay two services.
   */
  static String service(String name) {
    if (name.isEmpty()) return "unknown";
    // What DuckDB and Hive read as null.
    if (name.equals("NULL") || name.equals("__HIVE_DEFAULT_PARTITION__")) return "~" + name;
    int bytes = name.getBytes(StandardCharsets.UTF_8).length * (name.matches("[\\w.~-]*") ? 1 : 3);
    if (bytes <= MAX_ENCODED_BYTES) return name;
    // 12 characters are at most 144 bytes once encoded, the hash is 33.
    String head = name.substring(0, Math.min(24, name.length()));
    head = head.substring(0, head.offsetByCodePoints(0, Math.min(12, head.codePointCount(0, head.length()))));
    return head + "~" + EventIds.derive(name).replace("-", "");
  }

  private static String encoded(String service) {
    StringBuilder out = new StringBuilder();
    for (byte each : service.getBytes(StandardCharsets.UTF_8)) {
      char character = (char) (each & 0xff);
      boolean isPlain =
          character >= 'a' && character <= 'z'
              || character >= 'A' && character <= 'Z'
              || character >= '0' && character <= '9'
              || "_.~-".indexOf(character) >= 0;
      if (isPlain) out.append(character);
      else out.append(String.format("%%%02X", (int) character));
    }
    return out.toString();
  }
}
