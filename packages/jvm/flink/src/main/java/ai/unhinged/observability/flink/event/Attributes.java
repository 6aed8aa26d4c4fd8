package ai.unhinged.observability.flink.event;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * OTLP attributes and protobuf Structs as plain values, for {@link Json}: bytes as base64, whole numbers beyond 2^53, NaN and infinities
 * as text. The same as `attributes.ts` of packages/core.
 */
public final class Attributes {
  /** Nesting beyond this becomes the text `[Truncated]`. */
  private static final int MAX_DEPTH = 64;

  private Attributes() {}

  /** Of a key that comes twice the last value stays. */
  public static Map<String, Object> plain(List<KeyValue> list) {
    return plain(list, 0);
  }

  public static Object plain(AnyValue value) {
    return plain(value, 0);
  }

  public static Map<String, Object> plain(Struct struct) {
    Map<String, Object> result = new LinkedHashMap<>();
    struct.getFieldsMap().forEach((key, value) -> result.put(key, plain(value)));
    return result;
  }

  public static Struct struct(Map<String, Object> fields) {
    Struct.Builder result = Struct.newBuilder();
    fields.forEach((key, value) -> result.putFields(key, value(value)));
    return result.build();
  }

  private static Map<String, Object> plain(List<KeyValue> list, int depth) {
    Map<String, Object> result = new LinkedHashMap<>();
    for (KeyValue each : list) result.put(each.getKey(), plain(each.getValue(), depth));
    return result;
  }

  private static Object plain(AnyValue value, int depth) {
    if (value.getValueCase() == AnyValue.ValueCase.VALUE_NOT_SET) return null;
    if (depth > MAX_DEPTH) return "[Truncated]";
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case INT_VALUE -> Json.integer(value.getIntValue());
      case DOUBLE_VALUE -> Json.number(value.getDoubleValue());
      case BYTES_VALUE -> Base64.getEncoder().encodeToString(value.getBytesValue().toByteArray());
      case KVLIST_VALUE -> plain(value.getKvlistValue().getValuesList(), depth + 1);
      case ARRAY_VALUE -> {
        List<Object> items = new ArrayList<>();
        for (AnyValue item : value.getArrayValue().getValuesList()) items.add(plain(item, depth + 1));
        yield items;
      }
      case VALUE_NOT_SET -> null;
    };
  }

  private static Object plain(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> value.getBoolValue();
      case NUMBER_VALUE -> Json.number(value.getNumberValue());
      case STRUCT_VALUE -> plain(value.getStructValue());
      case LIST_VALUE -> {
        List<Object> items = new ArrayList<>();
        for (Value item : value.getListValue().getValuesList()) items.add(plain(item));
        yield items;
      }
      case NULL_VALUE, KIND_NOT_SET -> null;
    };
  }

  @SuppressWarnings("unchecked")
  private static Value value(Object plain) {
    Value.Builder value = Value.newBuilder();
    if (plain == null) return value.setNullValue(NullValue.NULL_VALUE).build();
    if (plain instanceof String text) return value.setStringValue(text).build();
    if (plain instanceof Boolean flag) return value.setBoolValue(flag).build();
    if (plain instanceof Number number) return value.setNumberValue(number.doubleValue()).build();
    if (plain instanceof Map<?, ?> map) return value.setStructValue(struct((Map<String, Object>) map)).build();
    ListValue.Builder list = ListValue.newBuilder();
    for (Object item : (List<?>) plain) list.addValues(value(item));
    return value.setListValue(list).build();
  }
}
