package ai.unhinged.observability.flink.window;

import ai.unhinged.observability.flink.event.Event;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.flink.api.common.eventtime.BoundedOutOfOrdernessWatermarks;
import org.apache.flink.api.common.eventtime.SerializableTimestampAssigner;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.eventtime.WatermarksWithIdleness;

/**
 * Event time is complete up to 10 s behind the newest request of a partition. Only requests count: topics and partitions without any hold
 * nobody up, and neither does one that is silent for 10 s. A clock that is ahead makes nobody else late: what is beyond ours counts as now, and
 * what is more than five minutes beyond it moves nothing.
 */
public final class RequestWatermarks<T> implements WatermarkGenerator<T> {
  static final Duration DELAY = Duration.ofSeconds(10);
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final long MAX_SKEW_MS = Duration.ofMinutes(5).toMillis();

  private final WatermarkGenerator<T> newest;
  private final LongSupplier now;

  RequestWatermarks(WatermarkGenerator<T> newest, LongSupplier now) {
    this.newest = newest;
    this.now = now;
  }

  /** @param endMs when the request ended that an element is of, Unix milliseconds; {@link Event#NO_REQUEST} when it is none */
  public static <T> WatermarkStrategy<T> strategy(SerializableTimestampAssigner<T> endMs) {
    return WatermarkStrategy.<T>forGenerator(
            context ->
                new RequestWatermarks<>(
                    new WatermarksWithIdleness<>(
                        new BoundedOutOfOrdernessWatermarks<>(DELAY), IDLE, context.getInputActivityClock()),
                    System::currentTimeMillis))
        .withTimestampAssigner(endMs);
  }

  @Override
  public void onEvent(T element, long endMs, WatermarkOutput output) {
    long nowMs = now.getAsLong();
    if (endMs == Event.NO_REQUEST || endMs > nowMs + MAX_SKEW_MS) return;
    newest.onEvent(element, Math.min(endMs, nowMs), output);
  }

  @Override
  public void onPeriodicEmit(WatermarkOutput output) {
    newest.onPeriodicEmit(output);
  }
}
