package ai.unhinged.observability.flink.event;

/** Takes the events of one OTLP request, and names them: topic, partition, offset and place in the request make the id. */
abstract class OtlpSink {
  /** When the request was written to the topic: stands in for times that cannot be. */
  final long receivedNano;
  private final KafkaMessage message;
  private int index;

  OtlpSink(KafkaMessage message) {
    this.message = message;
    this.receivedNano = message.timestampMs() * 1_000_000;
  }

  /** Of the next item. Items that are rejected have an id, too. */
  final String nextId() {
    return EventIds.derive(message.topic(), message.partition(), message.offset(), index++);
  }

  abstract void add(Event event) throws BadMessage;

  abstract void reject(String reason);
}
