import { expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { ExportLogsServiceRequest, LogRecord } from '@unhinged/observability-proto/otlp';
import type { ProtoWriter } from './proto-writer.js';
import { RequestBuilder } from './request-builder.js';

const resource = resourceFromAttributes({ 'service.name': 's' });
const scope = { name: 'scope' };

function record(text: string): Uint8Array {
  return LogRecord.encode(LogRecord.fromPartial({ severityText: text })).finish();
}

function throwing(writer: ProtoWriter): void {
  writer.tag(1, 1);
  throw new Error('no');
}

test('records of any length keep their order, one that throws leaves no trace, and the size is that of all of them', () => {
  const request = new RequestBuilder();
  // Lengths of one, two and three bytes.
  const texts = Array.from(
    { length: 40 },
    (_, index) => `${index.toString()}${'x'.repeat(index * index * 12)}`,
  );
  texts.forEach((text, index) => {
    const bytes = record(text);
    request.add(resource, scope, (writer) => {
      const start = writer.begin(2);
      writer.raw(bytes);
      writer.end(start, 2);
    });
    if (index % 3 === 0)
      expect(() => {
        request.add(resource, scope, throwing);
      }).toThrow('no');
  });
  const { size } = request;
  const body = request.take();
  const [logs] = ExportLogsServiceRequest.decode(body).resourceLogs;
  expect(logs?.scopeLogs[0]?.logRecords.map(({ severityText }) => severityText)).toEqual(texts);
  expect(body.length - size).toBeLessThan(64);
  expect([request.size, request.take().length]).toEqual([0, 0]);
});
