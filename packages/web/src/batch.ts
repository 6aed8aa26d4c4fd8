/** At most 2,048 finished items wait; they leave a second after the first, at most 512 at a time. */
export const BATCH = {
  maxQueueSize: 2_048,
  maxExportBatchSize: 512,
  scheduledDelayMillis: 1_000,
  exportTimeoutMillis: 10_000,
} as const;
