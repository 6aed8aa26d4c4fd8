export { startBridge, type Bridge, type BridgeStats } from './start-bridge.js';
export type { BridgeLimits, BridgeOptions, BridgePorts } from './options.js';
