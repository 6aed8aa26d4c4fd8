/** One running signal: traces, logs or metrics. */
export interface Signal {
  /** Sends what waits. */
  flush(): Promise<void>;
  /** Sends what waits, then stops and gives back what it took hold of. */
  stop(): Promise<void>;
}
