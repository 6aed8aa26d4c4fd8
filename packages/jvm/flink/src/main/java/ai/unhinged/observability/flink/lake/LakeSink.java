package ai.unhinged.observability.flink.lake;

import ai.unhinged.observability.flink.event.Event;
import ai.unhinged.observability.flink.kafka.Counters;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.util.Collector;

/** Events as rows in the folders of their tables: `PATH/TABLE/date=…/hour=…/service=…/FILE.parquet`. */
public final class LakeSink {
  private LakeSink() {}

  /** Files are closed with a checkpoint and appear when it is complete, so that each event is in exactly one file that anybody sees. */
  public static void attach(DataStream<Event> events, String path, String compression) {
    events
        .flatMap(new Rows())
        .uid("rows")
        .name("rows")
        .sinkTo(
            FileSink.forBulkFormat(new Path(path), ParquetFile.factory(compression))
                .withBucketAssigner(new Folders())
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .withOutputFileConfig(OutputFileConfig.builder().withPartSuffix(".parquet").build())
                .build())
        .uid("lake")
        .name("lake");
  }

  private static final class Rows extends RichFlatMapFunction<Event, LakeRow> {
    private static final long serialVersionUID = 1L;
    private transient Counters counters;

    @Override
    public void open(OpenContext context) {
      counters = new Counters(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void flatMap(Event event, Collector<LakeRow> out) {
      EventRows.Result result = EventRows.of(event);
      if (result.skipped() != null) counters.of("skipped", result.skipped()).inc();
      for (LakeRow row : result.rows()) out.collect(row);
    }
  }

  private static final class Folders implements BucketAssigner<LakeRow, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String getBucketId(LakeRow row, Context context) {
      return row.table.folder + "/" + row.partition;
    }

    @Override
    public SimpleVersionedSerializer<String> getSerializer() {
      return SimpleVersionedStringSerializer.INSTANCE;
    }
  }
}
