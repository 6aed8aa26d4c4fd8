package ai.unhinged.observability.flink.event;

import java.util.Map;
import unhinged.observability.v1.EnvelopeOuterClass.Destinations;
import unhinged.observability.v1.EnvelopeOuterClass.Resource;

/** What the events of one resource share. */
final class Sources {
  /** Of spans and metrics, which always go to the stream and to the lake. */
  static final Destinations STREAM_AND_LAKE =
      Destinations.newBuilder().setCdcStream(true).setDataLake(true).build();

  private static final String UNKNOWN_SERVICE = "unknown_service";
  private static final int MAX_TEXT = 16_384;

  private Sources() {}

  /** As `toEventResource` of packages/core. */
  static Resource resource(io.opentelemetry.proto.resource.v1.Resource resource) {
    Map<String, Object> attributes = Attributes.plain(resource.getAttributesList());
    String service = text(attributes, "service.name");
    String environment =
        attributes.containsKey("deployment.environment.name")
            ? text(attributes, "deployment.environment.name")
            : text(attributes, "deployment.environment");
    Resource.Builder result =
        Resource.newBuilder()
            .setServiceName(service.isEmpty() ? UNKNOWN_SERVICE : service)
            .setServiceVersion(text(attributes, "service.version"))
            .setDeploymentEnvironment(environment);
    attributes.forEach(
        (key, value) -> {
          switch (key) {
            case "service.name", "service.version", "deployment.environment.name", "deployment.environment" -> {}
            default -> result.putAttributes(key, text(value));
          }
        });
    return result.build();
  }

  private static String text(Map<String, Object> attributes, String key) {
    return attributes.containsKey(key) ? text(attributes.get(key)) : "";
  }

  private static String text(Object value) {
    String text = value instanceof String string ? string : Json.text(value);
    return text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) + "…[Truncated]" : text;
  }
}
