import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { uuidv7 } from '@unhinged/observability-core';
import { DEFAULT_FORWARD, idAttributes, withRequestIds, type RequestIds } from '../request/request-ids.js';
import { connectionMetrics } from './metrics.js';
import type { WebSocketOptions } from './options.js';

const tracer = () => trace.getTracer('@unhinged/observability-node');
const DEFAULT_SPANS_PER_SECOND = 100;
const MAX_REASON = 128;

/** Close codes after which nobody did anything wrong: normal, going away, no status (RFC 6455 §7.4.1), service restart. */
const GOOD_CLOSE = new Set([1000, 1001, 1005, 1012]);

export interface ConnectionFacts {
  side: 'server' | 'client';
  /** Without the query, which may hold secrets. */
  path: string;
  ids: RequestIds;
  /** Of the caller, for a server. */
  parent: Context;
  reconnects: number;
  /** Opening of the connection this one takes over from. */
  follows?: SpanContext | undefined;
}

/**
 * What is known of one connection. Its opening is a span, short, in the trace that asked for it; each message and the closing is a
 * span of its own trace with a link to the opening: a trace as long as a connection would never be whole.
 */
export class Connection {
  readonly opening: SpanContext;
  readonly facts: ConnectionFacts;
  private readonly options: WebSocketOptions;
  private readonly attributes: Attributes;
  private readonly metrics: ReturnType<typeof connectionMetrics>;
  private second = 0;
  private spansThisSecond = 0;
  private withoutSpan = 0;

  constructor(facts: ConnectionFacts, options: WebSocketOptions) {
    this.facts = facts;
    this.options = options;
    this.attributes = {
      'unhinged.operation.class': 'websocket',
      'network.protocol.name': 'websocket',
      'url.path': facts.path,
      'unhinged.websocket.connection.id': uuidv7(),
      ...(facts.reconnects > 0 && { 'unhinged.websocket.reconnects': facts.reconnects }),
    };
    const span = tracer().startSpan(
      `websocket open ${facts.path}`,
      {
        kind: facts.side === 'server' ? SpanKind.SERVER : SpanKind.CLIENT,
        attributes: { ...this.attributes, ...idAttributes(facts.ids) },
        ...(facts.follows && { links: [{ context: facts.follows }] }),
      },
      facts.parent,
    );
    span.end();
    this.opening = span.spanContext();
    this.metrics = connectionMetrics(facts.side, facts.path);
    this.metrics.opened();
  }

  /** Hands a message received to its listeners. Their promises are waited for, and what they throw or reject with passes on. */
  receive(data: unknown, isBinary: boolean, listeners: () => unknown[]): void {
    this.metrics.message('receive', sizeOf(data));
    const ids = { ...this.facts.ids, requestId: uuidv7() };
    const inMessage = safely(() => this.options.messageContext?.extract(data));
    const parent = inMessage === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, inMessage);
    const span = this.messageSpan('receive', data, isBinary, parent, ids);
    withRequestIds(ids, this.options.forward ?? DEFAULT_FORWARD, () => {
      if (span === undefined) context.with(ROOT_CONTEXT, listeners);
      else
        context.with(trace.setSpan(parent, span), () => {
          this.settle(span, listeners);
        });
    });
  }

  /** Sends by `send`, which gets the message to send. */
  send(data: unknown, isBinary: boolean, send: (data: unknown) => void): void {
    this.metrics.message('send', sizeOf(data));
    const parent = context.active();
    const span = this.messageSpan('send', data, isBinary, parent, this.facts.ids);
    if (span === undefined) {
      send(data);
      return;
    }
    const active = trace.setSpan(parent, span);
    try {
      context.with(active, () => {
        send(this.withContext(data, active));
      });
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** RFC 6455 §7.4: 1006 is a connection that was lost. */
  closed(code: number, reason: string): void {
    const isGood = GOOD_CLOSE.has(code);
    this.metrics.closed(code);
    const span = tracer().startSpan(
      `websocket close ${this.facts.path}`,
      {
        kind: this.facts.side === 'server' ? SpanKind.SERVER : SpanKind.CLIENT,
        attributes: {
          ...this.attributes,
          ...idAttributes(this.facts.ids),
          'unhinged.websocket.close.code': code,
          ...(reason !== '' && { 'unhinged.websocket.close.reason': reason.slice(0, MAX_REASON) }),
          ...this.takeWithoutSpan(),
        },
        links: [{ context: this.opening }],
      },
      ROOT_CONTEXT,
    );
    if (!isGood) {
      span.setAttribute('error.type', code.toString());
      span.setStatus({ code: SpanStatusCode.ERROR, message: `closed with ${code.toString()}` });
    }
    span.end();
  }

  failed(error: unknown): void {
    const span = tracer().startSpan(
      `websocket error ${this.facts.path}`,
      {
        attributes: { ...this.attributes, ...idAttributes(this.facts.ids) },
        links: [{ context: this.opening }],
      },
      ROOT_CONTEXT,
    );
    fail(span, error);
    span.end();
  }

  /** Runs what belongs to the connection and to no message. */
  run<T>(work: () => T): T {
    return withRequestIds(this.facts.ids, this.options.forward ?? DEFAULT_FORWARD, work);
  }

  private messageSpan(
    what: 'receive' | 'send',
    data: unknown,
    isBinary: boolean,
    parent: Context,
    ids: RequestIds,
  ): Span | undefined {
    if (this.options.messageSpans === false) return undefined;
    if (!this.mayHaveSpan()) {
      this.withoutSpan += 1;
      return undefined;
    }
    const links: Link[] = [{ context: this.opening }];
    return tracer().startSpan(
      `websocket ${what} ${this.facts.path}`,
      {
        kind: what === 'receive' ? SpanKind.CONSUMER : SpanKind.PRODUCER,
        attributes: {
          ...this.attributes,
          ...idAttributes(ids),
          'unhinged.websocket.message.size': sizeOf(data),
          'unhinged.websocket.message.type': isBinary ? 'binary' : 'text',
          ...this.takeWithoutSpan(),
        },
        links,
      },
      parent,
    );
  }

  private mayHaveSpan(): boolean {
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.second) {
      this.second = second;
      this.spansThisSecond = 0;
    }
    if (this.spansThisSecond >= (this.options.maxSpansPerSecond ?? DEFAULT_SPANS_PER_SECOND)) return false;
    this.spansThisSecond += 1;
    return true;
  }

  private takeWithoutSpan(): Attributes {
    const count = this.withoutSpan;
    this.withoutSpan = 0;
    return count === 0 ? {} : { 'unhinged.websocket.messages.without_span': count };
  }

  private withContext(data: unknown, active: Context): unknown {
    const { messageContext } = this.options;
    if (messageContext === undefined) return data;
    const headers: Record<string, string> = {};
    propagation.inject(active, headers);
    return safely(() => messageContext.inject(data, headers)) ?? data;
  }

  /** Ends the span when the listeners, and the promises they return, have. */
  private settle(span: Span, listeners: () => unknown[]): void {
    let results: unknown[];
    try {
      results = listeners();
    } catch (error) {
      fail(span, error);
      span.end();
      throw error;
    }
    const pending = results.filter((each) => each instanceof Promise);
    if (pending.length === 0) {
      span.end();
      return;
    }
    for (const each of pending) {
      // Thrown on: a rejection stays as unhandled as it would be without us.
      void each.catch((error: unknown) => {
        fail(span, error);
        throw error;
      });
    }
    void Promise.allSettled(pending).then(() => {
      span.end();
    });
  }
}

function fail(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  span.recordException(error instanceof Error ? error : message);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Bytes of a message as `ws` takes and gives them. */
function sizeOf(data: unknown): number {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (Array.isArray(data)) return data.reduce((sum: number, part) => sum + sizeOf(part), 0);
  if (data instanceof Blob) return data.size;
  return (data as { byteLength?: number } | undefined)?.byteLength ?? 0;
}

/** A format of the user's that throws costs the context, not the message. */
function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
