package ai.unhinged.observability.flink.kafka;

import ai.unhinged.observability.flink.event.KafkaMessage;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * A record that cannot be handled, for the dead-letter topic: key, value and headers as they were, and in further headers why and where it
 * stood (`x-dlq-reason`, `-error`, `-topic`, `-partition`, `-offset`, `-bytes`, `-truncated`). A Flink POJO.
 */
public class DeadLetter {
  /** The topic's usual limit of 1 MiB, less room for headers. */
  private static final int MAX_BYTES = 1_000_000;
  /** Bytes of a value that go along when the whole does not fit. */
  private static final int SAMPLE_BYTES = 64 << 10;

  private static final int MAX_TEXT = 1_024;

  public byte[] key;
  public byte[] value;
  public Map<String, String> headers = new HashMap<>();

  public static DeadLetter of(KafkaMessage message, String reason, String error) {
    DeadLetter letter = new DeadLetter();
    byte[] value = message.value() == null ? new byte[0] : message.value();
    letter.key = message.key();
    letter.headers.putAll(message.headers());
    int size = value.length + (letter.key == null ? 0 : letter.key.length);
    for (Map.Entry<String, String> header : message.headers().entrySet()) {
      size += header.getKey().length() + header.getValue().length();
    }
    boolean isWhole = size <= MAX_BYTES;
    letter.value = isWhole ? value : java.util.Arrays.copyOf(value, Math.min(SAMPLE_BYTES, value.length));
    letter.headers.put("x-dlq-reason", reason);
    letter.headers.put("x-dlq-error", cut(String.valueOf(error)));
    letter.headers.put("x-dlq-topic", message.topic());
    letter.headers.put("x-dlq-partition", Integer.toString(message.partition()));
    letter.headers.put("x-dlq-offset", Long.toString(message.offset()));
    letter.headers.put("x-dlq-bytes", Integer.toString(value.length));
    if (!isWhole) letter.headers.put("x-dlq-truncated", "true");
    return letter;
  }

  private static String cut(String text) {
    return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
  }

  static KafkaRecordSerializationSchema<DeadLetter> serializer(String topic) {
    return (letter, context, timestamp) -> {
      RecordHeaders headers = new RecordHeaders();
      letter.headers.forEach((name, text) -> headers.add(name, text.getBytes(StandardCharsets.UTF_8)));
      return new ProducerRecord<>(topic, null, null, letter.key, letter.value, headers);
    };
  }
}
