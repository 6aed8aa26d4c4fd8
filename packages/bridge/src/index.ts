export { startBridge, type Bridge, type BridgeStats } from './start-bridge.js';
export type { BridgeLimits, BridgeOptions, BridgePorts } from './options.js';
export type { KafkaSource } from './consume/kafka-feed.js';
