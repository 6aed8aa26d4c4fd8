// The OpenTelemetry protocol, for reading. Decoding is for sinks; hot paths scan the bytes instead.
export * from './gen/opentelemetry/proto/common/v1/common.js';
export * from './gen/opentelemetry/proto/resource/v1/resource.js';
export * from './gen/opentelemetry/proto/trace/v1/trace.js';
export * from './gen/opentelemetry/proto/logs/v1/logs.js';
export * from './gen/opentelemetry/proto/metrics/v1/metrics.js';
export * from './gen/opentelemetry/proto/collector/trace/v1/trace_service.js';
export * from './gen/opentelemetry/proto/collector/logs/v1/logs_service.js';
export * from './gen/opentelemetry/proto/collector/metrics/v1/metrics_service.js';
