export interface Endpoints {
  host: string;
  grpc: number;
  http: number;
}
export interface Snippet {
  name: string;
  /** Where it goes. */
  place: string;
  text: string;
}

/** What to paste into each tier so that its telemetry arrives at `endpoints`. */
export function snippets({ host, grpc, http }: Endpoints): Snippet[] {
  return [
    {
      name: 'Web',
      place: 'first lines of the browser bundle',
      text: `import { startWeb } from '@unhinged/observability-web';

startWeb({
  service: 'shop-web',
  endpoint: 'http://${host}:${http}',
});`,
    },
    {
      name: 'Node',
      place: 'before anything else is imported',
      text: `import { createLogger, startNode } from '@unhinged/observability-node';

startNode({ service: 'shop-gateway', endpoint: 'http://${host}:${grpc}' });
const log = createLogger({ service: 'shop-gateway', flags: 'CDL' });
log.info('Ready', { port: 8082 });`,
    },
    {
      name: 'Any OpenTelemetry SDK',
      place: 'environment variables',
      text: `export OTEL_SERVICE_NAME=shop-orders
export OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:${http}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_COMPRESSION=gzip
export OTEL_RESOURCE_ATTRIBUTES=unhinged.tier=backend`,
    },
  ];
}
