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
