package ai.unhinged.observability.flink.window;

import ai.unhinged.observability.flink.event.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Figures of a service, or of an operation of it, in [startMs, endMs) of event time. A window comes again, with the next revision, for each
 * late request that was still taken; of one series and start the highest revision counts. A Flink POJO.
 */
public class RedWindow {
  public String series;
  public long startMs;
  public long endMs;
  public String service;
  /** Null: all operations of the service together. */
  public String operation;
  public Red red;
  public int revision;

  /** As packages/processor gives its windows. */
  public String json() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("startMs", startMs);
    fields.put("endMs", endMs);
    fields.put("service", service);
    if (operation != null) fields.put("operation", operation);
    fields.put("requests", red.requests);
    fields.put("errors", red.errors);
    fields.put("latency", red.latency.json());
    fields.put("revision", (long) revision);
    return Json.text(fields);
  }

  /** Gives the figures their window, their names and their revision. */
  static final class Named extends ProcessWindowFunction<Red, RedWindow, String, TimeWindow> {
    private static final long serialVersionUID = 1L;
    private static final ValueStateDescriptor<Integer> REVISION = new ValueStateDescriptor<>("revision", Integer.class);

    @Override
    public void process(String series, Context context, Iterable<Red> figures, Collector<RedWindow> out)
        throws Exception {
      ValueState<Integer> revision = context.windowState().getState(REVISION);
      RedWindow window = new RedWindow();
      window.series = series;
      window.startMs = context.window().getStart();
      window.endMs = context.window().getEnd();
      window.service = Sample.serviceOf(series);
      window.operation = Sample.operationOf(series);
      window.red = figures.iterator().next();
      window.revision = revision.value() == null ? 0 : revision.value() + 1;
      revision.update(window.revision);
      out.collect(window);
    }

    @Override
    public void clear(Context context) {
      context.windowState().getState(REVISION).clear();
    }
  }
}
