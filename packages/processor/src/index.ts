export {
  Processor,
  type ProcessorCounts,
  type ProcessorOptions,
  type ProcessorState,
  type ProcessorStats,
} from './processor.js';
export type { AlertTransition } from './alert.js';
export { OTHER, type CellState, type RedWindow } from './red-window.js';
export type { ErrorSpikeState } from './error-spike.js';
export type { WatermarkState } from './watermark.js';
export type { WindowTableState } from './window-table.js';
export { requestOf, type Request } from './request.js';
export { RELATIVE_ERROR, Sketch, type SketchState } from './sketch.js';
export {
  webhookNotifier,
  type WebhookNotifier,
  type WebhookOptions,
  type WebhookStats,
} from './webhook/notifier.js';
export type { WebhookAlert, WebhookPayload } from './webhook/payload.js';
export type { DropReason } from './webhook/lane.js';
