package ai.unhinged.observability.flink.window;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Quantiles of non-negative numbers (milliseconds) within 1 %, from logarithmic buckets; two sketches merge without loss. The same as
 * `sketch.ts` of packages/processor: after DDSketch (Masson, Rim, Lee, PVLDB 12(12), 2019). A Flink POJO.
 */
public class Sketch {
  private static final double RELATIVE_ERROR = 0.01;
  private static final double GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
  private static final double LOG_GAMMA = Math.log(GAMMA);
  /** One nanosecond: what is below counts as zero. */
  private static final double SMALLEST = 1e-6;
  /** 11 days: what is above counts as this, which bounds the number of buckets. */
  private static final double LARGEST = 1e9;

  public double zero;
  /** Weight by bucket: i holds what is in (γ^(i−1), γ^i], γ = 1.01 / 0.99. */
  public Map<Integer, Double> buckets = new HashMap<>();

  /** Takes in one number that stands for `weight`; negative numbers and NaN count as zero. */
  public void add(double value, double weight) {
    if (!(value >= SMALLEST)) zero += weight;
    else buckets.merge((int) Math.ceil(Math.log(Math.min(value, LARGEST)) / LOG_GAMMA), weight, Double::sum);
  }

  public void merge(Sketch other) {
    zero += other.zero;
    other.buckets.forEach((index, weight) -> buckets.merge(index, weight, Double::sum));
  }

  /** `{ zero, buckets }`, the buckets as index, weight, index, weight… in ascending order. */
  public Map<String, Object> json() {
    List<Object> flat = new ArrayList<>();
    new TreeMap<>(buckets)
        .forEach(
            (index, weight) -> {
              flat.add((long) index);
              flat.add(weight);
            });
    return Map.of("zero", zero, "buckets", flat);
  }
}
