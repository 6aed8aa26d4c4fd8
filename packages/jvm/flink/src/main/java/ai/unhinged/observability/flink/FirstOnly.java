package ai.unhinged.observability.flink;

import ai.unhinged.observability.flink.event.Event;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Lets an event pass once, by its id, which is remembered for a time. */
final class FirstOnly extends KeyedProcessFunction<String, Event, Event> {
  private static final long serialVersionUID = 1L;

  private final Duration remember;
  private transient ValueState<Boolean> seen;
  private transient Counter duplicates;

  FirstOnly(Duration remember) {
    this.remember = remember;
  }

  @Override
  public void open(OpenContext context) {
    ValueStateDescriptor<Boolean> descriptor = new ValueStateDescriptor<>("seen", Boolean.class);
    // RocksDB drops what is over when it compacts, so the state on disk is that of the time and somewhat more.
    descriptor.enableTimeToLive(StateTtlConfig.newBuilder(remember).cleanupInRocksdbCompactFilter(10_000).build());
    seen = getRuntimeContext().getState(descriptor);
    duplicates = getRuntimeContext().getMetricGroup().counter("duplicates");
  }

  @Override
  public void processElement(Event event, Context context, Collector<Event> out) throws Exception {
    if (seen.value() != null) {
      duplicates.inc();
      return;
    }
    seen.update(true);
    out.collect(event);
  }
}
