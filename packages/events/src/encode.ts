import type { LogEvent } from '@unhinged/observability-proto';

/** Of the generated code; empty again after `finish`. */
export type Writer = ReturnType<typeof LogEvent.encode>;

/** Its buffer has grown to the size of events; a larger one is given back. */
const KEPT_BYTES = 64 * 1024;
let writer: Writer | undefined;

/** Encodes a message with a writer that is used again: a buffer that grows anew for each message is most of what encoding costs. */
export function encode<T>(codec: { encode(message: T, writer?: Writer): Writer }, message: T): Uint8Array {
  const used = writer;
  // Not used again when encoding fails in the middle.
  writer = undefined;
  const written = codec.encode(message, used);
  const bytes = written.finish();
  if (bytes.length <= KEPT_BYTES) writer = written;
  return bytes;
}
