// The golden vectors of proto/vectors: every language reads and writes the same events as the same bytes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

import { AlertEvent, Envelope, LogEvent, MetricEvent, Record as EventRecord, TraceEvent } from './index.js';

interface Codec {
  encode(message: unknown): BinaryWriter;
  decode(input: BinaryReader | Uint8Array): unknown;
  fromJSON(json: unknown): unknown;
  toJSON(message: unknown): unknown;
}

// The codecs differ only in their message type, which the vectors do not need.
const codecs = {
  'alert-event': AlertEvent,
  envelope: Envelope,
  'log-event': LogEvent,
  'metric-event': MetricEvent,
  record: EventRecord,
  'trace-event': TraceEvent,
} as unknown as Record<string, Codec>;

const protoFolder = resolve(import.meta.dirname, '../../../proto');
const buf = resolve(import.meta.dirname, '../../../node_modules/.bin/buf');

const vectors = Object.entries(codecs).flatMap(([folder, codec]) => {
  const at = join(protoFolder, 'vectors', folder);
  return readdirSync(at)
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const name = file.replace('.json', '');
      return {
        title: `${folder}/${name}`,
        folder,
        codec,
        json: JSON.parse(readFileSync(join(at, file), 'utf8')) as Record<string, unknown>,
        hex: readFileSync(join(at, `${name}.hex`), 'utf8').replace(/\s/g, ''),
      };
    });
});

/** protobuf-go writes NaN with a payload when it reads it from JSON; the vectors hold the plain quiet NaN. */
const goNaN = '010000000000f87f';
const plainNaN = '000000000000f87f';

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('golden vectors', () => {
  it('cover every message with at least four vectors', () => {
    for (const folder of Object.keys(codecs)) {
      expect(vectors.filter((vector) => vector.folder === folder).length).toBeGreaterThanOrEqual(4);
    }
  });

  // Protobuf fixes what bytes mean, not their order. ts-proto writes fields in the order they are declared, and OTLP
  // declares some out of number order; it also leaves an empty key or value out of a map entry, as prost does and
  // Java does not. These vectors are held to the golden bytes in canonical form, further down, like all others.
  const writtenDifferently = new Set([
    ...['metric-event/full', 'metric-event/gauge', 'metric-event/sum'],
    ...['metric-event/summary', 'trace-event/extreme', 'trace-event/full'],
    ...['alert-event/extreme', 'envelope/map-order', 'log-event/unicode', 'record/unicode'],
  ]);
  const exact = vectors.filter(({ title }) => !writtenDifferently.has(title));
  const different = vectors.filter(({ title }) => writtenDifferently.has(title));

  it.each(exact)('$title: JSON becomes exactly these bytes', ({ codec, json, hex }) => {
    expect(hexOf(codec.encode(codec.fromJSON(json)).finish())).toBe(hex);
  });

  it.each(different)('$title: JSON becomes other bytes of the same message', ({ codec, json, hex }) => {
    const bytes = codec.encode(codec.fromJSON(json)).finish();
    expect(hexOf(bytes)).not.toBe(hex);
    expect(codec.decode(bytes)).toEqual(codec.decode(bytesOf(hex)));
  });

  it.each(vectors)('$title: bytes become exactly this JSON', ({ codec, json, hex }) => {
    expect(codec.toJSON(codec.decode(bytesOf(hex)))).toEqual(json);
  });

  const events = vectors.filter(({ folder }) => folder.endsWith('-event'));
  const envelopeFields = Object.keys(Envelope.create()) as (keyof Envelope)[];
  it.each(events)('$title: reads as an Envelope with the same values', ({ codec, hex }) => {
    const event = codec.decode(bytesOf(hex)) as Envelope;
    const envelope = Envelope.decode(bytesOf(hex));
    for (const field of envelopeFields) expect(envelope[field]).toEqual(event[field]);
  });
});

describe('another implementation (protobuf-go, through buf convert)', () => {
  let scratch: string;
  let image: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'vectors-'));
    image = join(scratch, 'image.binpb');
    execFileSync(buf, ['build', '-o', image], { cwd: protoFolder });
  }, 60_000);
  afterAll(() => {
    rmSync(scratch, { recursive: true, force: true });
  });

  const convert = (folder: string, from: string, to: string) => {
    const name = folder.replace(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase());
    return execFileSync(buf, [
      'convert',
      image,
      '--type',
      `unhinged.observability.v1.${name}`,
      ...['--from', from, '--to', to],
    ]);
  };

  it.each(vectors)(
    '$title: reads our bytes and our JSON as the golden message',
    ({ folder, codec, json, hex }) => {
      const message = codec.fromJSON(json);
      const binary = join(scratch, 'message.binpb');
      writeFileSync(binary, codec.encode(message).finish());
      expect(JSON.parse(convert(folder, binary, '-#format=json').toString())).toEqual(json);
      expect(convert(folder, binary, '-#format=binpb').toString('hex')).toBe(hex);

      const text = join(scratch, 'message.json');
      writeFileSync(text, JSON.stringify(codec.toJSON(message)));
      expect(convert(folder, text, '-#format=binpb').toString('hex').replaceAll(goNaN, plainNaN)).toBe(hex);
    },
    30_000,
  );
});
