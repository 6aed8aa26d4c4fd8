import { writeAttributes } from './encode-attributes.js';
import { ProtoWriter } from './proto-writer.js';

/** What is sent first when there is not room for all comes first. */
export const SIGNALS = ['logs', 'spans', 'metrics'] as const;
export type SignalName = (typeof SIGNALS)[number];

/** One OTLP request. */
export interface Batch {
  signal: SignalName;
  /** How many spans, log records or metrics are in it. */
  items: number;
  bytes: Uint8Array<ArrayBuffer>;
  gzipped: boolean;
}

/** Field of the item in its scope is 2 and everything around it has the same numbers, for all three signals. */
const RESOURCE = 1;
const SCOPE_ITEMS = 2;
const SCOPE = 1;
const ITEM = 2;

/** Collects the items of one signal as the bytes of a request, by service and scope. */
export class RequestBuilder {
  /** Bytes of the items so far. */
  size = 0;
  items = 0;
  readonly #services = new Map<string, Map<string, ProtoWriter>>();

  /** Adds an item; nothing of it when `write` throws. */
  add(
    service: string,
    scope: string,
    version: string | undefined,
    write: (writer: ProtoWriter) => void,
  ): void {
    let scopes = this.#services.get(service);
    if (!scopes) this.#services.set(service, (scopes = new Map<string, ProtoWriter>()));
    const key = `${scope}\0${version ?? ''}`;
    let writer = scopes.get(key);
    if (!writer) {
      scopes.set(key, (writer = new ProtoWriter()));
      const created = writer;
      created.nested(SCOPE, () => {
        created.text(1, scope);
        if (version !== undefined) created.text(2, version);
      });
    }
    const to = writer;
    const before = to.pos;
    try {
      const start = to.begin(ITEM);
      write(to);
      to.end(start);
    } catch (error) {
      to.pos = before;
      throw error;
    }
    this.size += to.pos - before;
    this.items++;
  }

  /** The request with everything added, and begins another. */
  take(resourceOf: (service: string) => object): Uint8Array<ArrayBuffer> {
    const request = new ProtoWriter();
    for (const [service, scopes] of this.#services) {
      request.nested(1, () => {
        request.nested(RESOURCE, () => {
          writeAttributes(request, 1, resourceOf(service));
        });
        for (const writer of scopes.values()) {
          request.nested(SCOPE_ITEMS, () => {
            request.raw(writer.bytes());
          });
        }
      });
    }
    this.#services.clear();
    this.size = this.items = 0;
    return request.bytes();
  }
}
