import { deriveEventId } from '@unhinged/observability-core';

/** A folder name has at most 255 bytes, `service=` included, and DuckDB writes a byte as up to three. */
const MAX_ENCODED_BYTES = 200;
/** Characters that DuckDB writes as they are. */
const plain = /^[\w.~-]*$/;
/** What DuckDB and Hive read as null. */
const nullNames = new Set(['NULL', '__HIVE_DEFAULT_PARTITION__']);

/**
 * Partition value of a service name. An empty name is `unknown`; a name too long for a folder is cut and ends with a hash
 * of the whole, so that two long names stay two services. DuckDB encodes what a path cannot hold.
 */
export function servicePartition(name: string): string {
  if (name === '') return 'unknown';
  if (nullNames.has(name)) return `~${name}`;
  const bytes = Buffer.byteLength(name) * (plain.test(name) ? 1 : 3);
  if (bytes <= MAX_ENCODED_BYTES) return name;
  // Array.from does not cut a surrogate pair in two. 12 characters are at most 144 bytes once encoded, the hash is 33.
  const head = Array.from(name.slice(0, 24)).slice(0, 12).join('');
  return `${head}~${deriveEventId(name).replaceAll('-', '')}`;
}
