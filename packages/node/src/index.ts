export { startNode, type NodeSdk, type NodeStats } from './start-node.js';
export type { NodeOptions, Protocol, ServiceType, Tier } from './config/options.js';
export type { DropReason, SignalStats } from './stats.js';
