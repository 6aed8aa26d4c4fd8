/** Whether bytes are an id: as long as it has to be, and not all zero. */
export const isId = (bytes: Uint8Array, length: number): boolean =>
  bytes.length === length && bytes.some((byte) => byte !== 0);

/** Lowercase hex, as ids are written everywhere but in OTLP. */
export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
