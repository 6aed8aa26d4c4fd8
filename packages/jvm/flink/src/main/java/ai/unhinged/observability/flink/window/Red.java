package ai.unhinged.observability.flink.window;

import org.apache.flink.api.common.functions.AggregateFunction;

/** Requests, errors and durations of one series in one window. A Flink POJO. */
public class Red {
  public double requests;
  public double errors;
  public Sketch latency = new Sketch();

  /** A sampled request counts for all that it stands for. */
  public static final class Sum implements AggregateFunction<Sample, Red, Red> {
    private static final long serialVersionUID = 1L;

    @Override
    public Red createAccumulator() {
      return new Red();
    }

    @Override
    public Red add(Sample sample, Red red) {
      red.requests += sample.weight;
      if (sample.isError) red.errors += sample.weight;
      red.latency.add(sample.durationMs, sample.weight);
      return red;
    }

    @Override
    public Red getResult(Red red) {
      return red;
    }

    @Override
    public Red merge(Red one, Red other) {
      one.requests += other.requests;
      one.errors += other.errors;
      one.latency.merge(other.latency);
      return one;
    }
  }
}
