import {
  type ExportRoomResponse,
  ListMessagesResponse,
  type Message,
  SearchMessagesResponse,
  SendMessageResponse,
} from '../gateway/gen/unhinged/chat/v1/chat.js';

/** What the gateway said no with. */
export class RequestFailed extends Error {
  override name = 'RequestFailed';
}

/** The gateway's four operations for one room. Each rejects with {@link RequestFailed}, or fetch's error when it is not there. */
export class ChatApi {
  readonly #room: string;

  constructor(gateway: string, room: string) {
    this.#room = `${gateway}/api/rooms/${room}`;
  }

  async list(): Promise<Message[]> {
    return ListMessagesResponse.fromJSON(await ask(`${this.#room}/messages`)).messages;
  }

  async send(author: string, text: string): Promise<Message> {
    const { message } = SendMessageResponse.fromJSON(await ask(`${this.#room}/messages`, { author, text }));
    if (message === undefined) throw new RequestFailed('the gateway sent no message back');
    return message;
  }

  async search(query: string): Promise<SearchMessagesResponse> {
    const path = `${this.#room}/search?query=${encodeURIComponent(query)}`;
    return SearchMessagesResponse.fromJSON(await ask(path));
  }

  async exportRoom(): Promise<ExportRoomResponse> {
    return (await ask(`${this.#room}/export`, { format: 'EXPORT_FORMAT_JSON' })) as ExportRoomResponse;
  }
}

async function ask(url: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    ...(body !== undefined && {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const json = (await answer.json().catch(() => ({}))) as { error?: { message?: string } };
  if (answer.ok) return json;
  throw new RequestFailed(json.error?.message ?? `the gateway answered ${answer.status}`);
}
