package ai.unhinged.observability.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatestCheckpointTest {
  @TempDir Path root;

  private void checkpoint(String name, long second) throws Exception {
    Path folder = Files.createDirectories(root.resolve(name));
    Path metadata = Files.createFile(folder.resolve("_metadata"));
    Files.setLastModifiedTime(metadata, FileTime.fromMillis(second * 1_000));
  }

  @Test
  void theNewestWholeCheckpointOfAnyJobIsFound() throws Exception {
    assertNull(LatestCheckpoint.under(root.resolve("not there").toUri().toString()));
    assertNull(LatestCheckpoint.under(root.toUri().toString()));
    checkpoint("job-b/chk-9", 100);
    checkpoint("job-a/chk-11", 300);
    checkpoint("job-a/shared", 900);
    Files.createDirectories(root.resolve("job-a/chk-12"));
    assertEquals(root.resolve("job-a/chk-11").toUri().getPath(), LatestCheckpoint.under(root.toUri().toString()).replaceFirst("^file:", "") + "/");
  }
}
