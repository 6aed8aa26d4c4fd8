// Events and records of Unhinged Observability. OTLP messages: `@unhinged/observability-proto/otlp`.
export * from './gen/unhinged/observability/v1/envelope.js';
export * from './gen/unhinged/observability/v1/log_event.js';
export * from './gen/unhinged/observability/v1/trace_event.js';
export * from './gen/unhinged/observability/v1/metric_event.js';
export * from './gen/unhinged/observability/v1/alert_event.js';
export * from './gen/unhinged/observability/v1/record.js';
export { Timestamp } from './gen/google/protobuf/timestamp.js';
