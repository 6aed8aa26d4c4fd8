package ai.unhinged.observability.flink.window;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.unhinged.observability.flink.event.Event;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.BoundedOutOfOrdernessWatermarks;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.junit.jupiter.api.Test;

class RequestWatermarksTest {
  private final List<Long> said = new ArrayList<>();
  private final RequestWatermarks<String> watermarks =
      new RequestWatermarks<>(new BoundedOutOfOrdernessWatermarks<>(RequestWatermarks.DELAY), () -> 1_000_000);
  private final WatermarkOutput output =
      new WatermarkOutput() {
        @Override
        public void emitWatermark(Watermark watermark) {
          said.add(watermark.getTimestamp());
        }

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}
      };

  private long after(long endMs) {
    watermarks.onEvent("", endMs, output);
    watermarks.onPeriodicEmit(output);
    return said.get(said.size() - 1);
  }

  @Test
  void onlyRequestsMoveItAndNoClockThatIsAheadMovesItBeyondOurs() {
    assertEquals(899_999 - 10_000, after(900_000));
    assertEquals(899_999 - 10_000, after(Event.NO_REQUEST));
    assertEquals(899_999 - 10_000, after(2_000_000));
    assertEquals(999_999 - 10_000, after(1_200_000));
  }
}
