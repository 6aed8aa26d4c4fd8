/** One server-sent event. */
export interface ServerEvent {
  type: string;
  data: string;
}

/** An event beyond this is not one of ours. */
const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/**
 * Events of a `text/event-stream` body as they come (HTML standard §9.2.6: fields `event` and `data`, ended by an empty line).
 *
 * @throws Error when the connection breaks or an event does not end.
 */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let rest = '';
  let type = 'message';
  let data: string[] = [];
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > MAX_EVENT_CHARS) throw new Error('The stream of events does not end its line.');
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { type, data: data.join('\n') };
        type = 'message';
        data = [];
      } else if (line.startsWith('event:')) type = line.slice(6).trim();
      else if (line.startsWith('data:')) data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
    }
  }
}
