package ai.unhinged.observability.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobOptionsTest {
  private static final String BROKERS = "--kafka.bootstrap.servers=kafka:9092";
  private static final String LAKE = "--data-lake.path=s3://lake/a=b/";

  @Test
  void theOwnersArgumentsAreRead() {
    JobOptions options =
        JobOptions.parse(
            new String[] {
              BROKERS, LAKE, "--kafka.group.id=g", "--kafka.topics=a,b", "--data-lake.format=parquet", "--dedupe.window=PT5M"
            });
    assertEquals("kafka:9092", options.brokers());
    assertEquals("s3://lake/a=b/", options.lakePath());
    assertEquals(List.of("a", "b"), options.topics());
    assertEquals(Duration.ofMinutes(5), options.dedupeFor());
    assertEquals("snappy", options.compression());
  }

  @Test
  void aWrongArgumentIsNamed() {
    assertTrue(message(BROKERS).contains("--data-lake.path=… is missing"));
    assertTrue(message(BROKERS, LAKE, "--kafka.topic=x").contains("no argument '--kafka.topic=x'"));
    assertTrue(message(BROKERS, LAKE, "--data-lake.format=delta").contains("got 'delta'"));
  }

  private static String message(String... args) {
    return assertThrows(IllegalArgumentException.class, () -> JobOptions.parse(args)).getMessage();
  }
}
