package ai.unhinged.observability.flink.lake;

import java.io.IOException;
import org.apache.flink.api.common.serialization.BulkWriter;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** One file of the lake. Which table it is of, its first row says. */
public final class ParquetFile implements BulkWriter<LakeRow> {
  private final FSDataOutputStream stream;
  private final CompressionCodecName codec;
  private ParquetWriter<LakeRow> writer;

  private ParquetFile(FSDataOutputStream stream, CompressionCodecName codec) {
    this.stream = stream;
    this.codec = codec;
  }

  /** @param compression snappy or zstd */
  public static BulkWriter.Factory<LakeRow> factory(String compression) {
    CompressionCodecName codec = CompressionCodecName.fromConf(compression);
    return stream -> new ParquetFile(stream, codec);
  }

  @Override
  public void addElement(LakeRow row) throws IOException {
    if (writer == null) writer = ParquetRows.open(row.table, new Output(stream), codec);
    writer.write(row);
  }

  /** A row group is written when it is full, not when Flink asks. */
  @Override
  public void flush() {}

  @Override
  public void finish() throws IOException {
    if (writer != null) writer.close();
  }

  /** Flink opens and closes the stream; Parquet shall only write to it. */
  private record Output(FSDataOutputStream stream) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSize) {
      return new PositionOutputStream() {
        @Override
        public long getPos() throws IOException {
          return stream.getPos();
        }

        @Override
        public void write(int each) throws IOException {
          stream.write(each);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
          stream.write(bytes, from, count);
        }
      };
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSize) {
      return create(blockSize);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }
}
