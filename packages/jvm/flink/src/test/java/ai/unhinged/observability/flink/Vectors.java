package ai.unhinged.observability.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;

/** Files that the TypeScript packages hold themselves to, too. */
public final class Vectors {
  private Vectors() {}

  /** @param file under packages/ */
  public static JsonNode read(String file) throws IOException {
    return new ObjectMapper().readTree(Path.of("../..", file).toFile());
  }

  public static byte[] bytes(JsonNode hex) {
    return HexFormat.of().parseHex(hex.asText());
  }
}
