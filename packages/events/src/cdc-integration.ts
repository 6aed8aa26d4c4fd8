import {
  buildLogEvent,
  lakeDecision,
  DEFAULT_LAKE_RATE,
  CDC_STREAM,
  CONSOLE,
  DATA_LAKE,
  toEventResource,
  type LogLevel,
} from '@unhinged/observability-core';
import type { Resource } from '@unhinged/observability-proto';

import type { EventEmitter } from './event-emitter.js';

/** A log entry as an application writes it. */
export interface LogEntry {
  level: LogLevel;
  message: string;
  service: string;
  traceId?: string;
  spanId?: string;
  sessionId?: string;
  userId?: string;
  /** `correlationId`, `requestId` and `category` are understood; all of it is kept. */
  metadata?: Record<string, unknown>;
  error?: unknown;
}

export interface CDCIntegrationOptions {
  /** Resource attributes of every event, for example `host.name`. */
  resourceAttributes?: Record<string, unknown>;
  /** Share of ordinary log entries that also go to the data lake, 0 to 1. Default 0.1. */
  lakeRate?: number;
}

/**
 * Log entries as CDC events, for code that does not use the SDK's logger: to the console and the CDC stream always, to the data lake for errors,
 * analytics and audit, and by a sample of the rest that keeps or drops the lines of one trace together.
 */
export class CDCObservabilityIntegration {
  readonly #emitter: EventEmitter;
  readonly #attributes: Record<string, unknown>;
  readonly #lakeRate: number;

  constructor(emitter: EventEmitter, options: CDCIntegrationOptions = {}) {
    this.#emitter = emitter;
    this.#attributes = { ...environmentAttributes(), ...options.resourceAttributes };
    this.#lakeRate = options.lakeRate ?? DEFAULT_LAKE_RATE;
  }

  /** Resolves when the event is durable at the emitter's transport. @throws (as a rejection) what `EventEmitter.emit` throws. */
  emitLogEvent(entry: LogEntry): Promise<void> {
    const emitted = this.#emit(entry);
    // Nobody has to wait: see `EventEmitter.emit`.
    emitted.catch(() => undefined);
    return emitted;
  }

  async #emit(entry: LogEntry): Promise<void> {
    const { level, service, traceId = '', metadata = {} } = entry;
    const { category, correlationId, requestId } = metadata;
    const lake = lakeDecision({
      level,
      service,
      rate: this.#lakeRate,
      ...(traceId && { traceId }),
      ...(typeof category === 'string' && { category }),
    });
    const event = buildLogEvent(
      {
        level,
        message: entry.message,
        metadata,
        error: entry.error,
        resource: this.#resource(service),
        destinations: CONSOLE | CDC_STREAM | (lake.keep ? DATA_LAKE : 0),
        lakeRate: lake.rate,
        traceContext: {
          traceId,
          spanId: entry.spanId ?? '',
          sessionId: entry.sessionId ?? '',
          userId: entry.userId ?? '',
          ...(typeof correlationId === 'string' && { correlationId }),
          ...(typeof requestId === 'string' && { requestId }),
        },
      },
      { sequence: this.#emitter.sequence },
    );
    await this.#emitter.emit('observability.log_entry', event);
  }

  #resource(service: string): Resource {
    return toEventResource({ ...this.#attributes, 'service.name': service });
  }
}

/** What the environment says, where there is one: this file runs in browsers too. */
function environmentAttributes(): Record<string, string> {
  const { process } = globalThis as { process?: { pid?: number; env?: Record<string, string | undefined> } };
  const { SERVICE_VERSION, NODE_ENV } = process?.env ?? {};
  return {
    'service.version': SERVICE_VERSION ?? '1.0.0',
    'deployment.environment.name': NODE_ENV ?? 'development',
    ...(process?.pid !== undefined && { 'process.pid': process.pid.toString() }),
  };
}
