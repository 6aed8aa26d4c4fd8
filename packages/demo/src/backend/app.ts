import { setTimeout as sleep } from 'node:timers/promises';

import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from '@unhinged/observability-node';
import express, { type ErrorRequestHandler, type Express } from 'express';

import { MessageStore, type StoredMessage } from './store.js';

export interface BackendOptions {
  log: Logger;
  store?: MessageStore;
  /** How long a search takes at least, in milliseconds. Default 900. */
  searchMs?: number;
}

/**
 * The back end over HTTP, for the gateway only: the gateway checks what people send. Searching is slow and exporting fails,
 * on purpose.
 */
export function createBackend({ log, store = new MessageStore(), searchMs = 900 }: BackendOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: '16kb' }));

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok', pid: process.pid });
  });

  app.get('/rooms/:room/messages', (request, response) => {
    const messages = store.newest(request.params.room, Number(request.query['limit'] ?? 50));
    log.debug('Messages listed', { room: request.params.room, messages: messages.length });
    response.json({ messages });
  });

  app.post('/rooms/:room/messages', (request, response) => {
    const { author, text } = request.body as Pick<StoredMessage, 'author' | 'text'>;
    const message = store.add({ room: request.params.room, author, text });
    log.info('Message stored', { room: message.room, messageId: message.id, characters: text.length });
    response.status(201).json({ message });
  });

  app.get('/rooms/:room/search', async (request, response) => {
    const query = request.query['query'];
    const found = await search(
      store.all(request.params.room),
      typeof query === 'string' ? query : '',
      searchMs,
    );
    log.warn('Search without an index', {
      room: request.params.room,
      ...found,
      messages: found.messages.length,
    });
    response.json(found);
  });

  app.post('/rooms/:room/export', () => {
    throw new ArchiveError('the archive refused the export', {
      cause: new Error('disk /archive is read-only'),
    });
  });

  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    // Express decides what to do with an answer that has begun.
    if (response.headersSent) {
      next(error);
      return;
    }
    log.error('Request failed', error, { method: request.method, path: request.path });
    const given = (error as { status?: unknown }).status;
    const status = typeof given === 'number' && given >= 400 && given < 500 ? given : 500;
    response
      .status(status)
      .json({ error: { message: error instanceof Error ? error.message : String(error) } });
  };
  app.use(onError);
  return app;
}

class ArchiveError extends Error {
  override name = 'ArchiveError';
}

/** Walks every message and waits, as a query without an index would; in a span of its own, as a customer would add one. */
function search(messages: readonly StoredMessage[], query: string, searchMs: number) {
  return trace.getTracer('chat-backend').startActiveSpan('scan messages', async (span) => {
    try {
      const wanted = query.toLowerCase();
      const found = messages.filter(({ text }) => text.toLowerCase().includes(wanted));
      await sleep(searchMs);
      span.setAttributes({ 'chat.messages.scanned': messages.length, 'chat.messages.found': found.length });
      return { messages: found, scanned: messages.length };
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
