export {
  forwardToKafka,
  type Forwarding,
  type ForwardingOptions,
  type ForwardingStats,
} from './kafka/forwarding.js';
export { kafkaTransport, type KafkaTransportOptions } from './kafka/kafka-transport.js';
export type { KafkaOptions, TopicOptions } from './kafka/options.js';
export { SendFailure, type KafkaRecord, type RecordClient } from './kafka/record-client.js';
export type { LaneStats } from './kafka/lane.js';
export { EventConsumer } from './kafka/consumer/event-consumer.js';
export {
  EVENT_TOPICS,
  type EventConsumerOptions,
  type EventConsumerStats,
} from './kafka/consumer/consumer-options.js';
export type {
  ConsumedBatch,
  ConsumerProgress,
  EmitterProgress,
  EventSink,
  RestoredState,
} from './kafka/consumer/event-sink.js';
export type { ConsumerMeter } from './kafka/consumer/consumer-metrics.js';
export type { Gap } from './kafka/consumer/gap-detector.js';
export { GAP_EVENT_NAME } from './kafka/consumer/gap-event.js';
export { journalSink, type JournalSinkOptions } from './kafka/consumer/journal-sink.js';
