import type { IncomingMessage } from 'node:http';
import type { RequestIdOptions } from '../request/request-ids.js';

/** Carries trace context inside messages, for peers that both do so. */
export interface MessageContext {
  /** Headers such as `traceparent` that a message received has brought along. */
  extract(data: unknown): Record<string, string> | undefined;
  /** The message to send with those headers in it. */
  inject(data: unknown, headers: Record<string, string>): unknown;
}

export interface WebSocketOptions extends RequestIdOptions<IncomingMessage> {
  /** A span for each message received and sent. Default true; false leaves opening, closing, errors and metrics. */
  messageSpans?: boolean;
  /**
   * Messages a second and connection that get a span; what is beyond only counts in `unhinged.websocket.messages`, and the next
   * span says how many went without. Default 100: a thousand ticks a second are a metric, not a trace.
   */
  maxSpansPerSecond?: number;
  /** Trace context inside messages changes them, so it is off unless given: {@link jsonMessageContext}, or your own format. */
  messageContext?: MessageContext;
}

/** A client that connects again says which connection this one takes over from. */
export interface ClientOptions extends WebSocketOptions {
  /** The socket that was lost: same correlation id, a link to its opening, and a count of reconnections. */
  reconnectOf?: object;
}
