package ai.unhinged.observability.flink.event;

/** One event on its way through the job. A Flink POJO. */
public class Event {
  /** {@link #requestEndMs} of an event that is no request. */
  public static final long NO_REQUEST = Long.MIN_VALUE;

  /** The same for the same event, however often it is sent or read. */
  public String id;
  /** span, metric, log_entry, or a type that this job does not know. */
  public String type;
  /** The event's message, encoded: TraceEvent, MetricEvent or LogEvent. */
  public byte[] value;
  /** Unix milliseconds at which the request ended that the event is of. */
  public long requestEndMs = NO_REQUEST;

  public Event() {}

  public Event(String id, String type, byte[] value, long requestEndMs) {
    this.id = id;
    this.type = type;
    this.value = value;
    this.requestEndMs = requestEndMs;
  }
}
