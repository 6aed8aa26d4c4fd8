package ai.unhinged.observability.flink.kafka;

import ai.unhinged.observability.flink.event.Event;

/** What the source gives: an event, or a record that holds none. A Flink POJO. */
public class ReadRecord {
  public Event event;
  public DeadLetter letter;

  public ReadRecord() {}

  ReadRecord(Event event, DeadLetter letter) {
    this.event = event;
    this.letter = letter;
  }

  /** {@link Event#NO_REQUEST} when it is none. */
  public static long requestEndMs(ReadRecord read, long kafkaMs) {
    return read.event == null ? Event.NO_REQUEST : read.event.requestEndMs;
  }
}
