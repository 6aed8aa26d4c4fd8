package ai.unhinged.observability.flink.event;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * JSON text of strings, numbers, booleans, null, lists and maps as JavaScript writes it: 100 and not 100.0, so that a query over the lake
 * compares the same text whoever wrote the row.
 */
public final class Json {
  /** Beyond it JavaScript's numbers are not exact, and whole numbers are written as text. */
  private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

  private Json() {}

  public static String text(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  /** A whole number, as a number where that is exact and else as text. */
  public static Object integer(long value) {
    return value >= -MAX_SAFE_INTEGER && value <= MAX_SAFE_INTEGER ? (Object) value : Long.toString(value);
  }

  /** As {@link #integer}, of 64 bits without a sign. */
  public static Object unsigned(long value) {
    return value >= 0 && value <= MAX_SAFE_INTEGER ? (Object) value : Long.toUnsignedString(value);
  }

  /** A number, or the name of what JSON has no number for. */
  public static Object number(double value) {
    if (Double.isNaN(value)) return "NaN";
    if (Double.isInfinite(value)) return value > 0 ? "Infinity" : "-Infinity";
    return value;
  }

  private static void write(Object value, StringBuilder out) {
    if (value instanceof String text) quote(text, out);
    else if (value instanceof Double number) out.append(plain(number));
    else if (value instanceof List<?> list) {
      out.append('[');
      String separator = "";
      for (Object item : list) {
        out.append(separator);
        write(item, out);
        separator = ",";
      }
      out.append(']');
    } else if (value instanceof Map<?, ?> map) {
      out.append('{');
      String separator = "";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator);
        quote((String) entry.getKey(), out);
        out.append(':');
        write(entry.getValue(), out);
        separator = ",";
      }
      out.append('}');
    } else out.append(value);
  }

  /** ECMAScript's Number::toString: digits up to 21 places, then an exponent with its sign. */
  static String plain(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) return "null";
    if (value == 0) return "0";
    double size = Math.abs(value);
    BigDecimal decimal = BigDecimal.valueOf(value).stripTrailingZeros();
    if (size >= 1e-6 && size < 1e21) return decimal.toPlainString();
    String digits = decimal.unscaledValue().abs().toString();
    int exponent = decimal.precision() - decimal.scale() - 1;
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + (exponent < 0 ? "e" : "e+")
        + exponent;
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      switch (character) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (character < 0x20) out.append(String.format("\\u%04x", (int) character));
          else out.append(character);
        }
      }
    }
    out.append('"');
  }
}
