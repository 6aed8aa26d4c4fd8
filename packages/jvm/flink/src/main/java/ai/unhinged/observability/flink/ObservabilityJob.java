package ai.unhinged.observability.flink;

import ai.unhinged.observability.flink.event.Event;
import ai.unhinged.observability.flink.kafka.DeadLetter;
import ai.unhinged.observability.flink.kafka.ReadRecord;
import ai.unhinged.observability.flink.kafka.Topics;
import ai.unhinged.observability.flink.lake.LakeSink;
import ai.unhinged.observability.flink.window.RedWindows;
import ai.unhinged.observability.flink.window.RequestWatermarks;
import java.io.IOException;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Topics of telemetry → each event once → rows of the lake, and windows of rate, errors and duration. Checkpoints, parallelism and state backend
 * are the cluster's settings.
 */
public final class ObservabilityJob {
  private static final OutputTag<DeadLetter> LETTERS = new OutputTag<>("letters") {};

  private ObservabilityJob() {}

  public static void main(String[] args) throws Exception {
    JobOptions options = JobOptions.parse(args);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment.configure(settings(options, environment.getConfiguration()));
    build(environment, options);
    environment.execute("observability");
  }

  static void build(StreamExecutionEnvironment environment, JobOptions options) {
    Topics topics = new Topics(options.brokers());
    SingleOutputStreamOperator<Event> events =
        environment
            .fromSource(
                topics.source(options.groupId(), options.topics()), RequestWatermarks.strategy(ReadRecord::requestEndMs), "topics")
            .uid("topics")
            .process(new Sorted())
            .uid("sorted")
            .name("sorted");
    events.getSideOutput(LETTERS).sinkTo(topics.deadLetters()).uid("dead-letters").name("dead-letters");
    DataStream<Event> once =
        events.keyBy(event -> event.id).process(new FirstOnly(options.dedupeFor())).uid("once").name("once");
    LakeSink.attach(once, options.lakePath(), options.compression());
    RedWindows.of(once).sinkTo(topics.aggregates()).uid("aggregates").name("aggregates");
  }

  private static Configuration settings(JobOptions options, ReadableConfig cluster) throws IOException {
    Configuration settings = new Configuration();
    // No operator of ours changes what it was given.
    settings.set(PipelineOptions.OBJECT_REUSE, true);
    String checkpoints = cluster.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY);
    if (!options.startsFromCheckpoint() || checkpoints == null) return settings;
    settings.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION, ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    String latest = LatestCheckpoint.under(checkpoints);
    if (latest == null) return settings;
    settings.set(StateRecoveryOptions.SAVEPOINT_PATH, latest);
    // It is this job's from now on, and goes when a newer one does not need it.
    settings.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
    return settings;
  }

  /** Records that hold no event aside. */
  private static final class Sorted extends ProcessFunction<ReadRecord, Event> {
    private static final long serialVersionUID = 1L;

    @Override
    public void processElement(ReadRecord read, Context context, Collector<Event> out) {
      if (read.event == null) context.output(LETTERS, read.letter);
      else out.collect(read.event);
    }
  }
}
