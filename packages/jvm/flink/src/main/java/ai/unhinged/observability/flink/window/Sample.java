package ai.unhinged.observability.flink.window;

import ai.unhinged.observability.flink.event.Requests.Request;

/** One request as it counts for its service, or for one operation of it. A Flink POJO. */
public class Sample {
  public String service;
  /** Null: for the service. */
  public String operation;
  public double durationMs;
  public boolean isError;
  public double weight;

  public Sample() {}

  public static Sample ofService(Request request) {
    return of(request, null);
  }

  public static Sample ofOperation(Request request) {
    return of(request, request.operation());
  }

  private static Sample of(Request request, String operation) {
    Sample sample = new Sample();
    sample.service = request.service();
    sample.operation = operation;
    sample.durationMs = request.durationMs();
    sample.isError = request.isError();
    sample.weight = request.weight();
    return sample;
  }

  /** Key of its windows: `4:chat`, `4:chat/GET /rooms`. The length, because any character may occur in a name. */
  public String series() {
    return service.length() + ":" + service + (operation == null ? "" : "/" + operation);
  }

  static String serviceOf(String series) {
    return series.substring(series.indexOf(':') + 1, endOfService(series));
  }

  /** Null for a service. */
  static String operationOf(String series) {
    int end = endOfService(series);
    return end == series.length() ? null : series.substring(end + 1);
  }

  private static int endOfService(String series) {
    int colon = series.indexOf(':');
    return colon + 1 + Integer.parseInt(series.substring(0, colon));
  }
}
