import type { Encoded } from './split.js';

type Json = Record<string, unknown>;
/** Names of the three levels of a request, which are lists of each other. */
const LEVELS: readonly (readonly [string, string, string])[] = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
];

/** As `splitProtobuf`, for a request in JSON. */
export function splitJson(body: Uint8Array): [Encoded, Encoded] | undefined {
  const request = JSON.parse(Buffer.from(body).toString('utf8')) as Json;
  const [outer, middle, inner] = LEVELS.find(([name]) => name in request) ?? ['', '', ''];
  const resources = list(request[outer]);
  const scopesOf = (resource: Json) => list(resource[middle]);
  const total = resources.flatMap(scopesOf).reduce((sum, scope) => sum + list(scope[inner]).length, 0);
  if (total < 2) return undefined;
  const half = (from: number, to: number): Encoded => {
    let index = 0;
    let count = 0;
    const kept = resources.flatMap((resource) => {
      const scopes = scopesOf(resource).flatMap((scope) => {
        const records = list(scope[inner]).filter(() => index++ >= from && index <= to);
        count += records.reduce((sum, record) => sum + (inner === 'metrics' ? pointsIn(record) : 1), 0);
        return records.length === 0 ? [] : [{ ...scope, [inner]: records }];
      });
      return scopes.length === 0 ? [] : [{ ...resource, [middle]: scopes }];
    });
    return { body: Buffer.from(JSON.stringify({ [outer]: kept })), count };
  };
  const cut = Math.floor(total / 2);
  return [half(0, cut), half(cut, total)];
}

/** One of a metric's fields holds its points. */
function pointsIn(metric: Json): number {
  return Object.values(metric).reduce<number>(
    (sum, data) =>
      sum + (typeof data === 'object' && data !== null ? list((data as Json)['dataPoints']).length : 0),
    0,
  );
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}
