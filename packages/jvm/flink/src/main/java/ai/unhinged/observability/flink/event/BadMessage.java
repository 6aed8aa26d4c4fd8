package ai.unhinged.observability.flink.event;

/** A record that holds no event. It goes to the dead-letter topic. */
public final class BadMessage extends Exception {
  private static final long serialVersionUID = 1L;

  /** A word for counters and headers. */
  public final String reason;

  BadMessage(String reason, String message) {
    super(message);
    this.reason = reason;
  }
}
