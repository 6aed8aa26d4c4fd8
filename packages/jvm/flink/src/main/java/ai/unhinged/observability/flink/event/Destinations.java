package ai.unhinged.observability.flink.event;

/** Flags of a log line as `unhinged.destinations` has them: C console 4, D stream 2, L lake 1. The same grammar as `flags.ts` of packages/core. */
final class Destinations {
  static final int STREAM = 2;
  static final int LAKE = 1;

  private Destinations() {}

  /** @throws IllegalArgumentException when the text is none of letters, an octal digit and symbolic flags */
  static int parse(String given) {
    String text = given.trim();
    if (text.matches("[0-7]")) return text.charAt(0) - '0';
    if (text.isEmpty()) throw bad(given);
    boolean isSymbolic =
        text.matches("(?i)[+=].*|[cdl]+=.*") || (text.startsWith("-") && !text.matches("(?i)-+|-[d-][l-]"));
    if (isSymbolic) return symbolic(text);
    int flags = 0;
    for (char character : text.toCharArray()) if (character != '-') flags |= bit(character, given);
    return flags;
  }

  /** As in chmod, beginning with no flag: `+D`, `+CD-L`, `=CD`, `CD=`. */
  private static int symbolic(String text) {
    String rest = text.matches("(?i)[cdl]+=") ? "=" + text.substring(0, text.length() - 1) : text;
    int flags = 0;
    char operator = 0;
    int letters = 0;
    for (char character : rest.toCharArray()) {
      if (character == '+' || character == '-' || character == '=') {
        if (operator != 0 && letters == 0 && operator != '=') throw bad(text);
        operator = character;
        letters = 0;
        if (operator == '=') flags = 0;
      } else if (character == ',' && (letters > 0 || operator == '=')) {
        operator = 0;
        letters = 0;
      } else {
        if (operator == 0) throw bad(text);
        int bit = bit(character, text);
        flags = operator == '-' ? flags & ~bit : flags | bit;
        letters++;
      }
    }
    if (operator != '=' && letters == 0) throw bad(text);
    return flags;
  }

  private static int bit(char character, String text) {
    return switch (Character.toUpperCase(character)) {
      case 'C' -> 4;
      case 'D' -> STREAM;
      case 'L' -> LAKE;
      default -> throw bad(text);
    };
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException("bad destination flags: " + text);
  }
}
