package ai.unhinged.observability.flink;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Arguments of the job, `--name=value` each.
 *
 * @param brokers `kafka.bootstrap.servers`
 * @param groupId `kafka.group.id`, default observability-processor
 * @param topics `kafka.topics`, default the three signals and observability.lake
 * @param lakePath `data-lake.path`: folder of the tables, on any file system that Flink knows
 * @param compression `data-lake.compression`: snappy (default) or zstd
 * @param dedupeFor `dedupe.window`: how long an event's id is remembered, default PT1H (ISO 8601)
 * @param startFrom `start-from`: `latest-checkpoint` begins where the newest checkpoint of the cluster's folder left off; `group-offsets`
 *     (default) leaves it to Flink's own settings and to the group
 */
record JobOptions(
    String brokers,
    String groupId,
    List<String> topics,
    String lakePath,
    String compression,
    Duration dedupeFor,
    boolean startsFromCheckpoint) {

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "kafka.group.id", "observability-processor",
          "kafka.topics", "observability.traces,observability.metrics,observability.logs,observability.lake",
          "data-lake.format", "parquet",
          "data-lake.compression", "snappy",
          "dedupe.window", "PT1H",
          "start-from", "group-offsets");
  private static final Set<String> REQUIRED = Set.of("kafka.bootstrap.servers", "data-lake.path");

  /** @throws IllegalArgumentException which names the argument, what is expected and what was given */
  static JobOptions parse(String[] args) {
    Map<String, String> options = new HashMap<>(DEFAULTS);
    for (String arg : args) {
      int equals = arg.indexOf('=');
      String name = arg.startsWith("--") && equals > 2 ? arg.substring(2, equals) : null;
      if (name == null || !(DEFAULTS.containsKey(name) || REQUIRED.contains(name))) {
        throw new IllegalArgumentException(
            "no argument '" + arg + "'; there are --NAME=VALUE of " + DEFAULTS.keySet() + " and " + REQUIRED);
      }
      options.put(name, arg.substring(equals + 1));
    }
    for (String name : REQUIRED) {
      if (!options.containsKey(name)) throw new IllegalArgumentException("--" + name + "=… is missing");
    }
    oneOf(options, "data-lake.format", Set.of("parquet"));
    oneOf(options, "data-lake.compression", Set.of("snappy", "zstd"));
    oneOf(options, "start-from", Set.of("group-offsets", "latest-checkpoint"));
    return new JobOptions(
        options.get("kafka.bootstrap.servers"),
        options.get("kafka.group.id"),
        Arrays.asList(options.get("kafka.topics").split(",")),
        options.get("data-lake.path"),
        options.get("data-lake.compression"),
        Duration.parse(options.get("dedupe.window")),
        options.get("start-from").equals("latest-checkpoint"));
  }

  private static void oneOf(Map<String, String> options, String name, Set<String> allowed) {
    if (!allowed.contains(options.get(name))) {
      throw new IllegalArgumentException("--" + name + " takes " + allowed + ", got '" + options.get(name) + "'");
    }
  }
}
