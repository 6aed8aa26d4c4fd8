package ai.unhinged.observability.flink.window;

import ai.unhinged.observability.flink.event.Event;
import ai.unhinged.observability.flink.event.Requests;
import ai.unhinged.observability.flink.event.Requests.Request;
import java.time.Duration;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.util.Collector;
import unhinged.observability.v1.TraceEventOuterClass.TraceEvent;

/** Rate, errors and duration per service and per operation, in windows of the time at which requests ended. */
public final class RedWindows {
  /** The defaults of the policy file (packages/core). */
  static final Duration SIZE = Duration.ofSeconds(10);

  static final Duration LATENESS = Duration.ofSeconds(60);

  private RedWindows() {}

  /** @param events with {@link Event#requestEndMs} as their time where they are requests */
  public static DataStream<RedWindow> of(DataStream<Event> events) {
    return events
        .flatMap(new Samples())
        .uid("requests")
        .name("requests")
        .keyBy(Sample::series)
        .window(TumblingEventTimeWindows.of(SIZE))
        .allowedLateness(LATENESS)
        .aggregate(new Red.Sum(), new RedWindow.Named())
        .uid("windows")
        .name("windows");
  }

  private static final class Samples implements FlatMapFunction<Event, Sample> {
    private static final long serialVersionUID = 1L;

    @Override
    public void flatMap(Event event, Collector<Sample> out) throws Exception {
      if (event.requestEndMs == Event.NO_REQUEST) return;
      Request request = Requests.of(TraceEvent.parseFrom(event.value));
      out.collect(Sample.ofService(request));
      out.collect(Sample.ofOperation(request));
    }
  }
}
