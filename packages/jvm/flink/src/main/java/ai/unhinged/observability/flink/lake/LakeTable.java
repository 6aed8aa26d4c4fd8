package ai.unhinged.observability.flink.lake;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A table of the lake. Its columns come from `packages/lake/vectors/tables.tsv` (table, column, type), which the lake's own schema has to agree with,
 * so that there is one definition and both write the same files.
 */
public enum LakeTable {
  TRACES("observability_traces"),
  LOGS("observability_logs"),
  METRICS("observability_metrics");

  private static final Map<String, List<Column>> DEFINITIONS = read();

  /** @param type as DuckDB writes it: VARCHAR, BIGINT[], … */
  public record Column(String name, String type) {}

  /** Name of its folder. */
  public final String folder;

  LakeTable(String folder) {
    this.folder = folder;
  }

  /** In the order of the files. */
  public List<Column> columns() {
    return DEFINITIONS.get(folder);
  }

  private static Map<String, List<Column>> read() {
    Map<String, List<Column>> tables = new HashMap<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(LakeTable.class.getResourceAsStream("/tables.tsv"), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] cells = line.split("\t");
        tables.computeIfAbsent(cells[0], name -> new ArrayList<>()).add(new Column(cells[1], cells[2]));
      }
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
    return tables;
  }
}
