package ai.unhinged.observability.flink.lake;

import static ai.unhinged.observability.flink.lake.EventRows.unsigned;

import ai.unhinged.observability.flink.event.Attributes;
import ai.unhinged.observability.flink.event.Ids;
import ai.unhinged.observability.flink.event.Json;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import unhinged.observability.v1.MetricEventOuterClass.MetricEvent;

/** One row for each point of a metric. */
final class MetricRows {
  private static final List<String> TEMPORALITIES = List.of("unspecified", "delta", "cumulative");

  private final MetricEvent event;
  private final List<LakeRow> rows = new ArrayList<>();

  private MetricRows(MetricEvent event) {
    this.event = event;
  }

  static List<LakeRow> of(MetricEvent event) throws BadTime {
    return new MetricRows(event).read(event.getMetric());
  }

  private List<LakeRow> read(Metric metric) throws BadTime {
    switch (metric.getDataCase()) {
      case GAUGE -> {
        for (NumberDataPoint point : metric.getGauge().getDataPointsList()) add("gauge", null, number(point));
      }
      case SUM -> {
        String temporality = temporality(metric.getSum().getAggregationTemporalityValue());
        for (NumberDataPoint point : metric.getSum().getDataPointsList()) {
          Map<String, Object> row = number(point);
          row.put("is_monotonic", metric.getSum().getIsMonotonic());
          add("sum", temporality, row);
        }
      }
      case HISTOGRAM -> {
        String temporality = temporality(metric.getHistogram().getAggregationTemporalityValue());
        for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
          add("histogram", temporality, histogram(point));
        }
      }
      case EXPONENTIAL_HISTOGRAM -> {
        String temporality = temporality(metric.getExponentialHistogram().getAggregationTemporalityValue());
        for (ExponentialHistogramDataPoint point : metric.getExponentialHistogram().getDataPointsList()) {
          add("exponential_histogram", temporality, exponential(point));
        }
      }
      case SUMMARY -> {
        for (SummaryDataPoint point : metric.getSummary().getDataPointsList()) add("summary", null, summary(point));
      }
      case DATA_NOT_SET -> {}
    }
    return rows;
  }

  private void add(String type, String temporality, Map<String, Object> point) {
    Map<String, Object> row =
        EventRows.origin(
            event.getEventId(),
            event.getResource(),
            event.getEmitterId(),
            event.getSequenceNumber(),
            event.getScope().getName(),
            event.getScope().getVersion());
    row.putAll(point);
    row.put("type", type);
    row.put("temporality", temporality);
    row.put("point_index", rows.size());
    row.put("name", event.getMetric().getName());
    row.put("description", event.getMetric().getDescription());
    row.put("unit", event.getMetric().getUnit());
    rows.add(EventRows.row(LakeTable.METRICS, row, event.getResource()));
  }

  private static String temporality(int number) {
    return TraceRows.name(TEMPORALITIES, number);
  }

  private static Map<String, Object> number(NumberDataPoint point) throws BadTime {
    Map<String, Object> row =
        point(point.getTimeUnixNano(), point.getStartTimeUnixNano(), point.getAttributesList(), point.getFlags());
    putExemplars(row, point.getExemplarsList());
    if (point.hasAsInt()) {
      row.put("value", (double) point.getAsInt());
      row.put("value_int", point.getAsInt());
    } else if (point.hasAsDouble()) row.put("value", point.getAsDouble());
    return row;
  }

  private static Map<String, Object> histogram(HistogramDataPoint point) throws BadTime {
    Map<String, Object> row =
        point(point.getTimeUnixNano(), point.getStartTimeUnixNano(), point.getAttributesList(), point.getFlags());
    putExemplars(row, point.getExemplarsList());
    row.put("count", unsigned(point.getCount()));
    row.put("sum", point.hasSum() ? (Double) point.getSum() : null);
    row.put("min", point.hasMin() ? (Double) point.getMin() : null);
    row.put("max", point.hasMax() ? (Double) point.getMax() : null);
    row.put("bucket_counts", unsigned(point.getBucketCountsList()));
    row.put("explicit_bounds", point.getExplicitBoundsList());
    return row;
  }

  private static Map<String, Object> exponential(ExponentialHistogramDataPoint point) throws BadTime {
    Map<String, Object> row =
        point(point.getTimeUnixNano(), point.getStartTimeUnixNano(), point.getAttributesList(), point.getFlags());
    putExemplars(row, point.getExemplarsList());
    row.put("count", unsigned(point.getCount()));
    row.put("sum", point.hasSum() ? (Double) point.getSum() : null);
    row.put("min", point.hasMin() ? (Double) point.getMin() : null);
    row.put("max", point.hasMax() ? (Double) point.getMax() : null);
    Map<String, Object> buckets = new LinkedHashMap<>();
    buckets.put("scale", (long) point.getScale());
    buckets.put("zero_count", Json.unsigned(point.getZeroCount()));
    buckets.put("zero_threshold", Json.number(point.getZeroThreshold()));
    buckets.put("positive", point.hasPositive() ? buckets(point.getPositive()) : null);
    buckets.put("negative", point.hasNegative() ? buckets(point.getNegative()) : null);
    row.put("exponential", Json.text(buckets));
    return row;
  }

  private static Map<String, Object> buckets(ExponentialHistogramDataPoint.Buckets of) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("offset", (long) of.getOffset());
    fields.put("counts", of.getBucketCountsList().stream().map(Json::unsigned).toList());
    return fields;
  }

  private static Map<String, Object> summary(SummaryDataPoint point) throws BadTime {
    Map<String, Object> row =
        point(point.getTimeUnixNano(), point.getStartTimeUnixNano(), point.getAttributesList(), point.getFlags());
    row.put("count", unsigned(point.getCount()));
    row.put("sum", point.getSum());
    List<Object> quantiles = new ArrayList<>();
    for (SummaryDataPoint.ValueAtQuantile each : point.getQuantileValuesList()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("quantile", each.getQuantile());
      fields.put("value", Json.number(each.getValue()));
      quantiles.add(fields);
    }
    row.put("quantiles", Json.text(quantiles));
    return row;
  }

  private static Map<String, Object> point(long time, long start, List<KeyValue> attributes, int flags) throws BadTime {
    Map<String, Object> row = new HashMap<>();
    EventRows.putTime(row, time);
    row.put("start_time_unix_nano", unsigned(start));
    row.put("attributes", Json.text(Attributes.plain(attributes)));
    row.put("flags", flags);
    return row;
  }

  private static void putExemplars(Map<String, Object> row, List<Exemplar> exemplars) {
    if (exemplars.isEmpty()) return;
    List<Object> list = new ArrayList<>();
    for (Exemplar exemplar : exemplars) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("time_unix_nano", Long.toUnsignedString(exemplar.getTimeUnixNano()));
      fields.put(
          "value",
          switch (exemplar.getValueCase()) {
            case AS_INT -> Json.integer(exemplar.getAsInt());
            case AS_DOUBLE -> Json.number(exemplar.getAsDouble());
            case VALUE_NOT_SET -> null;
          });
      fields.put("trace_id", Ids.hex(exemplar.getTraceId()));
      fields.put("span_id", Ids.hex(exemplar.getSpanId()));
      fields.put("attributes", Attributes.plain(exemplar.getFilteredAttributesList()));
      list.add(fields);
    }
    row.put("exemplars", Json.text(list));
  }
}
