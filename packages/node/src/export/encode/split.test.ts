import { describe, expect, test } from '@jest/globals';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { ExportMetricsServiceRequest, ExportTraceServiceRequest } from '@unhinged/observability-proto/otlp';
import fc from 'fast-check';
import { splitJson } from './split-json.js';
import { splitProtobuf } from './split.js';

const name = fc.integer({ min: 0, max: 1e6 }).map((number) => `record ${number.toString()}`);
const tree = <T>(leaf: fc.Arbitrary<T>) =>
  fc.array(fc.array(fc.array(leaf, { maxLength: 6 }), { maxLength: 3 }), { maxLength: 3 });

/** Every record with the resource and scope that it is under, in order. */
function paths(request: ExportTraceServiceRequest): string[] {
  return request.resourceSpans.flatMap(({ resource, scopeSpans, schemaUrl }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => JSON.stringify([resource?.attributes, schemaUrl, scope?.name, span.name])),
    ),
  );
}

const spans = tree(name).map((resources) =>
  ExportTraceServiceRequest.fromPartial({
    resourceSpans: resources.map((scopes, r) => ({
      resource: {
        attributes: [{ key: 'k', value: { value: { $case: 'stringValue', value: r.toString() } } }],
      },
      schemaUrl: `schema ${r.toString()}`,
      scopeSpans: scopes.map((names, s) => ({
        scope: { name: `scope ${s.toString()}` },
        spans: names.map((each) => ({ name: each })),
      })),
    })),
  }),
);

describe('the halves of a request', () => {
  test('hold all its records, each under its own resource and scope, in order and about half each', () => {
    fc.assert(
      fc.property(spans, (request) => {
        const all = paths(request);
        const halves = splitProtobuf(ExportTraceServiceRequest.encode(request).finish(), false);
        if (all.length < 2) {
          expect(halves).toBeUndefined();
          return;
        }
        const parts = (halves ?? []).map(({ body }) => paths(ExportTraceServiceRequest.decode(body)));
        expect(parts.flat()).toEqual(all);
        expect(halves?.map(({ count }) => count)).toEqual(parts.map(({ length }) => length));
        expect(Math.abs((parts[0]?.length ?? 0) - (parts[1]?.length ?? 0))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('count the points of metrics, of whatever kind', () => {
    const request = ExportMetricsServiceRequest.fromPartial({
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                { name: 'a', data: { $case: 'gauge', value: { dataPoints: [{}, {}, {}] } } },
                { name: 'b', data: { $case: 'histogram', value: { dataPoints: [{}, {}] } } },
                { name: 'c', data: { $case: 'sum', value: { dataPoints: [{}] } } },
                { name: 'd', data: { $case: 'exponentialHistogram', value: { dataPoints: [{}, {}] } } },
              ],
            },
          ],
        },
      ],
    });
    const halves = splitProtobuf(ExportMetricsServiceRequest.encode(request).finish(), true);
    expect(halves?.map(({ count }) => count)).toEqual([5, 3]);
  });

  test('are as right in JSON', () => {
    fc.assert(
      fc.property(tree(name), (resources) => {
        const scopes = (list: string[][]) =>
          list.map((names, s) => ({ scope: { name: s }, spans: names.map((each) => ({ name: each })) }));
        const request = {
          resourceSpans: resources.map((list, r) => ({
            resource: resourceFromAttributes({ r }).attributes,
            scopeSpans: scopes(list),
          })),
        };
        const flat = (body: Uint8Array) =>
          (JSON.parse(Buffer.from(body).toString()) as typeof request).resourceSpans.flatMap(
            ({ resource, scopeSpans }) =>
              scopeSpans.flatMap((scoped) => scoped.spans.map((span) => [resource, scoped.scope, span])),
          );
        const body = Buffer.from(JSON.stringify(request));
        const halves = splitJson(body);
        expect(halves === undefined).toBe(flat(body).length < 2);
        if (halves !== undefined) expect(halves.flatMap((half) => flat(half.body))).toEqual(flat(body));
      }),
    );
  });
});
