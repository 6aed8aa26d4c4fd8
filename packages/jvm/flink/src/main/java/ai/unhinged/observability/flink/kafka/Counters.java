package ai.unhinged.observability.flink.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Counters with a reason as their label: in Prometheus `flink_taskmanager_job_task_operator_…_reason_NAME{reason="…"}`. */
public final class Counters {
  private final MetricGroup group;
  private final Map<String, Counter> counters = new HashMap<>();

  public Counters(MetricGroup group) {
    this.group = group;
  }

  public Counter of(String name, String reason) {
    return counters.computeIfAbsent(name + " " + reason, key -> group.addGroup("reason", reason).counter(name));
  }
}
