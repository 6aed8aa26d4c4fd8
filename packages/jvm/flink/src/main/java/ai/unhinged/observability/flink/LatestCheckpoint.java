package ai.unhinged.observability.flink;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Where a job that was cut off left off. A job manager that has no high availability forgets on a restart which checkpoints there are; their
 * files are still there: `DIR/JOB/chk-N/_metadata`, written last.
 */
final class LatestCheckpoint {
  private LatestCheckpoint() {}

  /** The folder of the newest whole checkpoint of any job under `dir`; null when there is none. */
  static String under(String dir) throws IOException {
    Path root = new Path(dir);
    FileSystem files = root.getFileSystem();
    FileStatus newest = null;
    for (FileStatus job : list(files, root)) {
      if (!job.isDir()) continue;
      for (FileStatus checkpoint : list(files, job.getPath())) {
        if (!checkpoint.getPath().getName().startsWith("chk-")) continue;
        for (FileStatus file : list(files, checkpoint.getPath())) {
          boolean isNewer = newest == null || file.getModificationTime() >= newest.getModificationTime();
          if (file.getPath().getName().equals("_metadata") && isNewer) newest = file;
        }
      }
    }
    return newest == null ? null : newest.getPath().getParent().toString();
  }

  private static FileStatus[] list(FileSystem files, Path folder) throws IOException {
    try {
      FileStatus[] found = files.listStatus(folder);
      return found == null ? new FileStatus[0] : found;
    } catch (FileNotFoundException none) {
      return new FileStatus[0];
    }
  }
}
