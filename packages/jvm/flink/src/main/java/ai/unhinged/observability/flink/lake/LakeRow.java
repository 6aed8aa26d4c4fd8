package ai.unhinged.observability.flink.lake;

import java.util.List;
import java.util.Map;

/** One row of a table. */
public final class LakeRow {
  public final LakeTable table;
  /** `date=YYYY-MM-DD/hour=HH/service=…`. */
  public final String partition;
  /**
   * In the order of the table's columns; null for what it does not have. VARCHAR is a String, BIGINT and TIMESTAMP (microseconds) a Long, INTEGER an
   * Integer, DOUBLE a Double, BOOLEAN a Boolean, lists are Lists and MAP is a Map of Strings.
   */
  public final Object[] values;

  private LakeRow(LakeTable table, String partition, Object[] values) {
    this.table = table;
    this.partition = partition;
    this.values = values;
  }

  /** @throws IllegalArgumentException when the table has no such column */
  static LakeRow of(LakeTable table, String partition, Map<String, Object> fields) {
    List<LakeTable.Column> columns = table.columns();
    Object[] values = new Object[columns.size()];
    int found = 0;
    for (int i = 0; i < values.length; i++) {
      String name = columns.get(i).name();
      values[i] = fields.get(name);
      if (fields.containsKey(name)) found++;
    }
    if (found < fields.size()) throw new IllegalArgumentException(table + " lacks a column of " + fields.keySet());
    return new LakeRow(table, partition, values);
  }
}
