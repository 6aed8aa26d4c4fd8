package ai.unhinged.observability.flink.event;

import java.util.Map;

/**
 * A record of a topic.
 *
 * @param timestampMs when the broker or the producer says it was written, Unix milliseconds
 * @param value null for a tombstone
 * @param headers of one that comes twice, the first
 */
public record KafkaMessage(
    String topic, int partition, long offset, long timestampMs, byte[] key, byte[] value, Map<String, String> headers) {}
