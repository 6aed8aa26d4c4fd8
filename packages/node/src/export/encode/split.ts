import { ProtoWriter } from './proto-writer.js';
import { wireFields } from './wire.js';

/** An encoded request and the number of records in it: spans, log records, or data points. */
export interface Encoded {
  body: Uint8Array;
  count: number;
}

interface Scope {
  around: Uint8Array[];
  records: { whole: Uint8Array; count: number }[];
}

/**
 * Halves an export request by its records, so that a collector with a lower limit can take it in parts. Undefined when it holds
 * only one record (one metric, for metrics).
 */
export function splitProtobuf(body: Uint8Array, metrics: boolean): [Encoded, Encoded] | undefined {
  const resources = [...wireFields(body)].map((resource) => {
    const fields = [...wireFields(resource.bytes)];
    return {
      around: fields.filter(({ number }) => number !== 2).map(({ whole }) => whole),
      scopes: fields.filter(({ number }) => number === 2).map(({ bytes }) => readScope(bytes, metrics)),
    };
  });
  const total = resources
    .flatMap(({ scopes }) => scopes)
    .reduce((sum, { records }) => sum + records.length, 0);
  if (total < 2) return undefined;
  const half = (from: number, to: number): Encoded => {
    const writer = new ProtoWriter(body.length);
    let index = 0;
    let count = 0;
    for (const { around, scopes } of resources) {
      const kept = scopes.flatMap((scope) => {
        const records = scope.records.filter(() => index++ >= from && index <= to);
        return records.length === 0 ? [] : [{ around: scope.around, records }];
      });
      if (kept.length === 0) continue;
      message(writer, 1, () => {
        for (const field of around) writer.raw(field);
        for (const scope of kept) {
          message(writer, 2, () => {
            for (const field of scope.around) writer.raw(field);
            for (const record of scope.records) {
              writer.raw(record.whole);
              count += record.count;
            }
          });
        }
      });
    }
    return { body: writer.written(), count };
  };
  const middle = Math.floor(total / 2);
  return [half(0, middle), half(middle, total)];
}

function readScope(bytes: Uint8Array, metrics: boolean): Scope {
  const scope: Scope = { around: [], records: [] };
  for (const field of wireFields(bytes)) {
    if (field.number === 2) {
      scope.records.push({ whole: field.whole, count: metrics ? pointsIn(field.bytes) : 1 });
    } else scope.around.push(field.whole);
  }
  return scope;
}

/** Points are field 1 of whatever `Metric.data` is: gauge, sum, histogram, exponential histogram or summary. */
function pointsIn(metric: Uint8Array): number {
  let points = 0;
  for (const data of wireFields(metric)) {
    if (data.number < 5 || data.number > 11) continue;
    for (const { number } of wireFields(data.bytes)) if (number === 1) points += 1;
  }
  return points;
}

function message(writer: ProtoWriter, field: number, write: () => void): void {
  writer.tag(field, 2);
  const start = writer.begin(3);
  write();
  writer.end(start, 3);
}
