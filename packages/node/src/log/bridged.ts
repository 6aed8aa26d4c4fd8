import type { Context } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';

const PINO = '@opentelemetry/instrumentation-pino';

/** One before each way out. */
const gates = new Set<CopyGate>();
let hasBridges = false;

/** Says that there is a bridge from now on. */
export function expectBridges(): void {
  hasBridges = true;
}

/**
 * Says that this line goes through a bridge. The instrumentation of pino puts a stream of its own beside that of every logger, which is
 * given the same lines in the same moment: its record is the second copy.
 */
export function isBridged(message: unknown): void {
  for (const gate of gates) gate.drop(message);
}

/** Lets everything pass but the second copies. */
export function withoutCopies(processor: LogRecordProcessor): LogRecordProcessor {
  const gate = new CopyGate(processor);
  gates.add(gate);
  return gate;
}

class CopyGate implements LogRecordProcessor {
  /** Message of a bridged line whose copy has not come yet. */
  private expected: { message: unknown } | undefined;
  /** A record that may turn out to be the copy of a line that the bridge is about to be given. */
  private held: { record: ReadWriteLogRecord; context: Context | undefined } | undefined;

  constructor(private readonly processor: LogRecordProcessor) {}

  onEmit(record: ReadWriteLogRecord, context?: Context): void {
    if (!hasBridges || record.instrumentationScope.name !== PINO) {
      this.processor.onEmit(record, context);
      return;
    }
    if (this.expected?.message === record.body) {
      this.expected = undefined;
      return;
    }
    this.release();
    this.held = { record, context };
    // pino writes to all its streams before anything else happens.
    queueMicrotask(() => {
      this.release();
    });
  }

  drop(message: unknown): void {
    if (this.held !== undefined && this.held.record.body === message) this.held = undefined;
    else this.expected = { message };
  }

  forceFlush(...options: Parameters<LogRecordProcessor['forceFlush']>): Promise<void> {
    this.release();
    return this.processor.forceFlush(...options);
  }

  shutdown(): Promise<void> {
    this.release();
    gates.delete(this);
    return this.processor.shutdown();
  }

  private release(): void {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.processor.onEmit(held.record, held.context);
  }
}
