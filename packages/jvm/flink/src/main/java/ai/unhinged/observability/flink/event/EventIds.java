package ai.unhinged.observability.flink.event;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Ids that follow from what they stand for, the same as `deriveEventId` of packages/core. */
public final class EventIds {
  private static final int[] FACTORS = {0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93};
  private static final int[] MIX_ROTATIONS = {15, 16, 17, 18};
  private static final int[] ROTATIONS = {19, 17, 15, 13};
  private static final int[] ADDENDS = {0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17};

  private EventIds() {}

  /** UUIDv8 (RFC 9562 §5.8) over MurmurHash3_x86_128, seed 0, of the UTF-8 of the parts joined with NUL. */
  public static String derive(Object... parts) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < parts.length; i++) joined.append(i == 0 ? "" : "\0").append(parts[i]);
    int[] hash = murmur3(joined.toString().getBytes(StandardCharsets.UTF_8));
    String hex =
        String.format("%08x%08x", hash[0], (hash[1] & 0xffff0fff) | 0x8000)
            + String.format("%08x%08x", (hash[2] & 0x3fffffff) | 0x80000000, hash[3]);
    return String.join(
        "-", hex.substring(0, 8), hex.substring(8, 12), hex.substring(12, 16), hex.substring(16, 20), hex.substring(20));
  }

  /** MurmurHash3_x86_128 by Austin Appleby (public domain), seed 0. */
  private static int[] murmur3(byte[] bytes) {
    int[] h = new int[4];
    int whole = bytes.length - bytes.length % 16;
    // A tail shorter than 16 bytes is mixed in as if it were padded with zeros: mixing a zero changes nothing.
    ByteBuffer words = ByteBuffer.wrap(Arrays.copyOf(bytes, whole + 16)).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < whole; at += 16) {
      for (int i = 0; i < 4; i++) {
        h[i] ^= mix(words.getInt(at + 4 * i), i);
        h[i] = (Integer.rotateLeft(h[i], ROTATIONS[i]) + h[(i + 1) % 4]) * 5 + ADDENDS[i];
      }
    }
    for (int i = 0; i < 4; i++) h[i] ^= mix(words.getInt(whole + 4 * i), i) ^ bytes.length;
    spread(h);
    for (int i = 0; i < 4; i++) h[i] = finish(h[i]);
    spread(h);
    return h;
  }

  private static int mix(int word, int i) {
    return Integer.rotateLeft(word * FACTORS[i], MIX_ROTATIONS[i]) * FACTORS[(i + 1) % 4];
  }

  private static void spread(int[] h) {
    h[0] += h[1] + h[2] + h[3];
    for (int i = 1; i < 4; i++) h[i] += h[0];
  }

  private static int finish(int h) {
    h = (h ^ (h >>> 16)) * 0x85ebca6b;
    h = (h ^ (h >>> 13)) * 0xc2b2ae35;
    return h ^ (h >>> 16);
  }
}
