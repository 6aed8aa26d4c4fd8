package ai.unhinged.observability.flink.kafka;

import ai.unhinged.observability.flink.event.BadMessage;
import ai.unhinged.observability.flink.event.Event;
import ai.unhinged.observability.flink.event.KafkaMessage;
import ai.unhinged.observability.flink.event.MessageReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Records of the topics as events. It never throws: one bad record must not stop all that follow. */
final class RecordReader implements KafkaRecordDeserializationSchema<ReadRecord> {
  private static final long serialVersionUID = 1L;

  private transient Counters counters;

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    counters = new Counters(context.getMetricGroup());
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<ReadRecord> out) {
    KafkaMessage message = message(record);
    try {
      MessageReader.Result result = MessageReader.read(message);
      result.rejected().forEach((reason, items) -> counters.of("rejected", reason).inc(items));
      for (Event event : result.events()) out.collect(new ReadRecord(event, null));
    } catch (BadMessage bad) {
      refuse(message, bad.reason, bad.getMessage(), out);
    } catch (RuntimeException cause) {
      // Nothing that is known to happen; whatever it is, the record is kept for someone to look at.
      refuse(message, "failed", cause.toString(), out);
    }
  }

  private void refuse(KafkaMessage message, String reason, String error, Collector<ReadRecord> out) {
    counters.of("dead_letters", reason).inc();
    out.collect(new ReadRecord(null, DeadLetter.of(message, reason, error)));
  }

  private static KafkaMessage message(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new HashMap<>();
    for (Header header : record.headers()) {
      if (header.value() != null) headers.putIfAbsent(header.key(), new String(header.value(), StandardCharsets.UTF_8));
    }
    return new KafkaMessage(
        record.topic(), record.partition(), record.offset(), record.timestamp(), record.key(), record.value(), headers);
  }

  @Override
  public TypeInformation<ReadRecord> getProducedType() {
    return TypeInformation.of(ReadRecord.class);
  }
}
