import type { Logger } from '@unhinged/observability-node';
import type { FastifyInstance } from 'fastify';

import type { BackendClient } from './backend-client.js';
import {
  ExportRoomRequest,
  ExportRoomResponse,
  ListMessagesResponse,
  SearchMessagesResponse,
  SendMessageRequest,
  SendMessageResponse,
} from './gen/unhinged/chat/v1/chat.js';
import type { LiveRooms } from './live-rooms.js';
import { readExport, readList, readSearch, readSend } from './read-request.js';

interface RoomRoute {
  Params: { room: string };
}

/** The four operations of ChatService, at the paths of its google.api.http annotations. */
export function addChatRoutes(
  app: FastifyInstance,
  { log, rooms, backend }: { log: Logger; rooms: LiveRooms; backend: BackendClient },
): void {
  app.get<RoomRoute>('/api/rooms/:room/messages', async ({ params, query }) => {
    const { room, limit } = readList(params, query);
    const answer = ListMessagesResponse.fromJSON(await backend.get(`/rooms/${room}/messages?limit=${limit}`));
    log.debug('Messages listed', { room, messages: answer.messages.length });
    return ListMessagesResponse.toJSON(answer);
  });

  app.post<RoomRoute>('/api/rooms/:room/messages', async ({ params, body }) => {
    const request = readSend(params, body);
    const answer = SendMessageResponse.fromJSON(
      await backend.post(`/rooms/${request.room}/messages`, SendMessageRequest.toJSON(request)),
    );
    const { message } = answer;
    const receivers = message && rooms.send(request.room, { event: { $case: 'message', value: message } });
    log.info('Message sent', { room: request.room, messageId: message?.id, receivers });
    return SendMessageResponse.toJSON(answer);
  });

  app.get<RoomRoute>('/api/rooms/:room/search', async ({ params, query }) => {
    const request = readSearch(params, query);
    const answer = SearchMessagesResponse.fromJSON(
      await backend.get(`/rooms/${request.room}/search?query=${encodeURIComponent(request.query)}`),
    );
    log.info('Messages searched', { room: request.room, found: answer.messages.length });
    return SearchMessagesResponse.toJSON(answer);
  });

  app.post<RoomRoute>('/api/rooms/:room/export', async ({ params, body }) => {
    const request = readExport(params, body);
    log.info('Export asked for', { room: request.room, format: request.format });
    const answer = await backend.post(`/rooms/${request.room}/export`, ExportRoomRequest.toJSON(request));
    return ExportRoomResponse.toJSON(ExportRoomResponse.fromJSON(answer));
  });
}
