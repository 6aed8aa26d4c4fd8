package ai.unhinged.observability.flink.event;

import com.google.protobuf.ByteString;
import java.util.HexFormat;

/** Ids of OTLP, and the attributes that carry ids of ours. */
public final class Ids {
  static final String CORRELATION = "unhinged.correlation.id";
  static final String REQUEST = "unhinged.request.id";
  static final String SESSION = "session.id";
  static final String USER = "user.id";

  private Ids() {}

  /** As long as it has to be, and not all zero. */
  static boolean isId(ByteString bytes, int length) {
    if (bytes.size() != length) return false;
    for (int i = 0; i < length; i++) if (bytes.byteAt(i) != 0) return true;
    return false;
  }

  /** Lowercase. */
  public static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
