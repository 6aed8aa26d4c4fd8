package ai.unhinged.observability.flink.event;

import java.util.Arrays;
import java.util.stream.Stream;

/** What a W3C trace state says about sampling; the same as `adjustedCountIn` of packages/core. */
final class TraceState {
  /** Thresholds are compared by their upper 52 bits, which a double holds exactly. */
  private static final double SPACE = 0x1p52;
  private static final int DIGITS = 13;

  private TraceState() {}

  /**
   * How many spans the bearer stands for: 2^56 / (2^56 − T) of `ot=th:T`; 0 when `unhinged=c:0` says that others were counted for it; null
   * when nothing is known.
   */
  static Double adjustedCount(String traceState) {
    if (traceState.isEmpty()) return null;
    if (fields(traceState, "unhinged").anyMatch("c:0"::equals)) return 0.0;
    // Of several the last, as everywhere.
    String threshold =
        fields(traceState, "ot").filter(each -> each.matches("th:[0-9a-f]{1,14}")).reduce("", (before, last) -> last);
    if (threshold.isEmpty()) return null;
    double count = SPACE / (SPACE - upperBits(threshold.substring(3)));
    return Double.isInfinite(count) ? null : count;
  }

  /** A 14th digit is rounded up: it never counts for less. */
  private static long upperBits(String digits) {
    String upper = digits.substring(0, Math.min(DIGITS, digits.length()));
    long bits = Long.parseLong(upper + "0".repeat(DIGITS - upper.length()), 16);
    return digits.length() > DIGITS && !digits.endsWith("0") ? bits + 1 : bits;
  }

  private static Stream<String> fields(String traceState, String name) {
    return Arrays.stream(traceState.split(","))
        .map(String::trim)
        .filter(member -> member.startsWith(name + "="))
        .findFirst()
        .map(member -> Arrays.stream(member.substring(name.length() + 1).split(";")))
        .orElse(Stream.empty());
  }
}
