// Requests of chat.proto, checked. The limits are the ones its comments promise.
import { ApiError, badField } from './api-error.js';
import {
  ExportFormat,
  type ExportRoomRequest,
  type ListMessagesRequest,
  type SearchMessagesRequest,
  type SendMessageRequest,
} from './gen/unhinged/chat/v1/chat.js';

type Fields = Record<string, unknown>;

export function readRoom(value: unknown): string {
  if (typeof value === 'string' && /^[a-z0-9-]{1,40}$/.test(value)) return value;
  throw badField('room', '1 to 40 of a-z, 0-9 and the hyphen', value);
}

export function readList(params: Fields, query: unknown): ListMessagesRequest {
  const { limit } = fieldsOf(query, 'query', ['limit']);
  return { room: readRoom(params['room']), limit: readLimit(limit) };
}

export function readSend(params: Fields, body: unknown): SendMessageRequest {
  const { author, text } = fieldsOf(body, 'body', ['author', 'text']);
  return {
    room: readRoom(params['room']),
    author: readText('author', author, 40),
    text: readText('text', text, 500),
  };
}

export function readSearch(params: Fields, query: unknown): SearchMessagesRequest {
  const fields = fieldsOf(query, 'query', ['query']);
  return { room: readRoom(params['room']), query: readText('query', fields['query'], 100) };
}

export function readExport(params: Fields, body: unknown): ExportRoomRequest {
  const { format = ExportFormat.UNSPECIFIED } = fieldsOf(body, 'body', ['format']);
  const known = Object.values(ExportFormat).find((value) => value === format);
  if (known === undefined)
    throw badField('format', `one of ${Object.values(ExportFormat).join(', ')}`, format);
  return { room: readRoom(params['room']), format: known };
}

/** An object with known fields only: a misspelt one would be ignored in silence. */
function fieldsOf(value: unknown, where: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError(400, 'bad_request', `${where}: expected a JSON object with ${known.join(', ')}`);
  }
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new ApiError(
      400,
      'bad_request',
      `${where}: there is no field "${unknown}"; known are ${known.join(', ')}`,
      {
        field: unknown,
      },
    );
  }
  return value as Fields;
}

function readText(field: string, value: unknown, max: number): string {
  const expected = `a text of 1 to ${max} characters`;
  if (typeof value !== 'string' || value.trim() === '') throw badField(field, expected, value);
  // Characters as people count them, not UTF-16 units.
  const { length } = Array.from(value);
  if (length > max) throw badField(field, expected, `${length} characters`);
  return value;
}

function readLimit(value: unknown): number {
  if (value === undefined || value === '0') return 50;
  const limit = typeof value === 'string' && /^[0-9]{1,3}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > 200) throw badField('limit', 'a whole number from 0 to 200', value);
  return limit;
}
