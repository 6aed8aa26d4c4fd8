package ai.unhinged.observability.flink.kafka;

import ai.unhinged.observability.flink.window.RedWindow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The topics that the job reads and writes. */
public final class Topics {
  private static final String DEAD_LETTERS = "observability.dlq";
  private static final String AGGREGATES = "observability.aggregates";

  private final String brokers;

  public Topics(String brokers) {
    this.brokers = brokers;
  }

  /** Without a checkpoint it begins where the group had come to, and a new group at the oldest record. */
  public KafkaSource<ReadRecord> source(String groupId, List<String> topics) {
    return KafkaSource.<ReadRecord>builder()
        .setBootstrapServers(brokers)
        .setGroupId(groupId)
        .setTopics(topics)
        .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
        .setDeserializer(new RecordReader())
        .build();
  }

  public KafkaSink<DeadLetter> deadLetters() {
    return sink(DeadLetter.serializer(DEAD_LETTERS));
  }

  public KafkaSink<RedWindow> aggregates() {
    return sink(
        (window, context, timestamp) ->
            new ProducerRecord<>(
                AGGREGATES,
                null,
                window.endMs,
                window.series.getBytes(StandardCharsets.UTF_8),
                window.json().getBytes(StandardCharsets.UTF_8)));
  }

  /** A record may come twice after a failure; its headers, or window and revision, tell that it is the same. */
  private <T> KafkaSink<T> sink(KafkaRecordSerializationSchema<T> serializer) {
    return KafkaSink.<T>builder()
        .setBootstrapServers(brokers)
        .setRecordSerializer(serializer)
        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
        .setProperty("compression.type", "snappy")
        .build();
  }
}
