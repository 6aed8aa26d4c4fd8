package ai.unhinged.observability.flink.lake;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** Rows as Parquet, with the physical types that DuckDB gives the same columns. */
final class ParquetRows extends WriteSupport<LakeRow> {
  /** Of each open file, in memory: a checkpoint seldom has more, and a task has a file for each service and hour. */
  private static final long ROW_GROUP_BYTES = 16 << 20;

  private final LakeTable table;
  private RecordConsumer out;

  private ParquetRows(LakeTable table) {
    this.table = table;
  }

  static ParquetWriter<LakeRow> open(LakeTable table, OutputFile file, CompressionCodecName codec) throws java.io.IOException {
    return new Builder(table, file).withCompressionCodec(codec).withRowGroupSize(ROW_GROUP_BYTES).build();
  }

  private static final class Builder extends ParquetWriter.Builder<LakeRow, Builder> {
    private final LakeTable table;

    Builder(LakeTable table, OutputFile file) {
      super(file);
      this.table = table;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<LakeRow> getWriteSupport(Configuration configuration) {
      return new ParquetRows(table);
    }
  }

  static MessageType schema(LakeTable table) {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    for (LakeTable.Column column : table.columns()) schema.addField(field(column));
    return schema.named(table.folder);
  }

  private static Type field(LakeTable.Column column) {
    String name = column.name();
    return switch (column.type()) {
      case "VARCHAR" -> text().named(name);
      case "BIGINT" -> Types.optional(PrimitiveTypeName.INT64).named(name);
      case "INTEGER" -> Types.optional(PrimitiveTypeName.INT32).named(name);
      case "DOUBLE" -> Types.optional(PrimitiveTypeName.DOUBLE).named(name);
      case "BOOLEAN" -> Types.optional(PrimitiveTypeName.BOOLEAN).named(name);
      case "TIMESTAMP WITH TIME ZONE" ->
          Types.optional(PrimitiveTypeName.INT64)
              .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
              .named(name);
      case "BIGINT[]" -> list(name, PrimitiveTypeName.INT64);
      case "DOUBLE[]" -> list(name, PrimitiveTypeName.DOUBLE);
      case "MAP(VARCHAR, VARCHAR)" ->
          Types.optionalMap()
              .key(Types.required(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named("key"))
              .value(text().named("value"))
              .named(name);
      default -> throw new IllegalArgumentException("no Parquet type for " + column);
    };
  }

  private static Types.PrimitiveBuilder<org.apache.parquet.schema.PrimitiveType> text() {
    return Types.optional(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType());
  }

  private static Type list(String name, PrimitiveTypeName item) {
    return Types.optionalList().element(Types.optional(item).named("element")).named(name);
  }

  @Override
  public WriteContext init(Configuration configuration) {
    return new WriteContext(schema(table), new HashMap<>());
  }

  @Override
  public void prepareForWrite(RecordConsumer consumer) {
    out = consumer;
  }

  @Override
  public void write(LakeRow row) {
    out.startMessage();
    List<LakeTable.Column> columns = table.columns();
    for (int i = 0; i < row.values.length; i++) {
      Object value = row.values[i];
      if (value == null) continue;
      String name = columns.get(i).name();
      out.startField(name, i);
      writeValue(value);
      out.endField(name, i);
    }
    out.endMessage();
  }

  private void writeValue(Object value) {
    if (value instanceof String text) out.addBinary(Binary.fromString(text));
    else if (value instanceof Long number) out.addLong(number);
    else if (value instanceof Integer number) out.addInteger(number);
    else if (value instanceof Double number) out.addDouble(number);
    else if (value instanceof Boolean flag) out.addBoolean(flag);
    else if (value instanceof List<?> list) writeList(list);
    else writeMap((Map<?, ?>) value);
  }

  private void writeList(List<?> list) {
    out.startGroup();
    if (!list.isEmpty()) {
      out.startField("list", 0);
      for (Object item : list) {
        out.startGroup();
        writeField("element", 0, item);
        out.endGroup();
      }
      out.endField("list", 0);
    }
    out.endGroup();
  }

  private void writeMap(Map<?, ?> map) {
    out.startGroup();
    if (!map.isEmpty()) {
      out.startField("key_value", 0);
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.startGroup();
        writeField("key", 0, entry.getKey());
        writeField("value", 1, entry.getValue());
        out.endGroup();
      }
      out.endField("key_value", 0);
    }
    out.endGroup();
  }

  private void writeField(String name, int index, Object value) {
    if (value == null) return;
    out.startField(name, index);
    writeValue(value);
    out.endField(name, index);
  }
}
