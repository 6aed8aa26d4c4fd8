import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Instrument, Page, Stop } from './instrument.js';
import { patch } from './patch.js';

/**
 * WebSockets: a client span `websocket connect` from the constructor until the connection is open or has failed, and an event
 * `unhinged.websocket.close` at its end with code, messages and bytes both ways. A connection may live for hours and a page
 * leave without a word, so its life is no span. A browser sends no trace header with a WebSocket.
 */
export function traceWebSocket(): Instrument {
  return start;
}

function start(page: Page): Stop {
  const Original = globalThis.WebSocket as typeof WebSocket | undefined;
  if (!Original) return () => undefined;
  let stopped = false;
  class TracedWebSocket extends Original {
    #sent: Traffic | undefined;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      try {
        if (stopped || page.ignores(this.url)) return;
        observe(page, this, (this.#sent = { messages: 0, bytes: 0 }));
      } catch {
        // Telemetry that fails never fails the page.
      }
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      super.send(data);
      if (this.#sent) count(this.#sent, data);
    }
  }
  // Libraries print or compare the name.
  Object.defineProperty(TracedWebSocket, 'name', { value: 'WebSocket' });
  const restore = patch(globalThis, 'WebSocket', TracedWebSocket);
  return () => {
    stopped = true;
    restore();
  };
}

interface Traffic {
  messages: number;
  bytes: number;
}

function observe(page: Page, socket: WebSocket, sent: Traffic): void {
  const began = performance.now();
  const received = { messages: 0, bytes: 0 };
  const url = new URL(socket.url);
  const where = { 'url.full': page.shown(socket.url), 'server.address': url.hostname };
  const connect = page.tracer.startSpan('websocket connect', { kind: SpanKind.CLIENT, attributes: where });
  let isOpen = false;
  socket.addEventListener('open', () => {
    isOpen = true;
    if (socket.protocol !== '') connect.setAttribute('unhinged.websocket.protocol', socket.protocol);
    connect.end();
  });
  socket.addEventListener('message', (event) => {
    count(received, event.data);
  });
  socket.addEventListener('close', ({ code, reason, wasClean }) => {
    if (!isOpen) {
      connect.setAttribute('error.type', code.toString());
      connect.setStatus({ code: SpanStatusCode.ERROR, message: reason });
      connect.end();
    }
    page.event(
      'unhinged.websocket.close',
      {
        ...where,
        'unhinged.websocket.code': code,
        'unhinged.websocket.duration_ms': Math.round(performance.now() - began),
        'unhinged.websocket.sent.messages': sent.messages,
        'unhinged.websocket.sent.bytes': sent.bytes,
        'unhinged.websocket.received.messages': received.messages,
        'unhinged.websocket.received.bytes': received.bytes,
      },
      { level: wasClean ? 'info' : 'warn' },
    );
  });
}

/** Characters of texts, bytes of everything else. */
function count(traffic: Traffic, data: unknown): void {
  const { length, size, byteLength } = data as { length?: number; size?: number; byteLength?: number };
  traffic.messages++;
  traffic.bytes += byteLength ?? size ?? length ?? 0;
}
