package ai.unhinged.observability.flink.lake;

/** Before 1970 or after 2262: there is no partition for it. */
final class BadTime extends Exception {
  private static final long serialVersionUID = 1L;
}
