// The plugin run for real by buf, on services written for each claim.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';

const root = fileURLToPath(new URL('../../', import.meta.url));
const buf = join(root, 'node_modules/.bin/buf');
const plugin = join(root, 'tools/protoc-gen-openapi/main.mjs');
let folder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'openapi-'));
  cpSync(join(root, 'proto/google'), join(folder, 'google'), { recursive: true });
  writeFileSync(join(folder, 'buf.yaml'), 'version: v2\n');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the plugin on the body of a .proto; returns the document, or throws what the plugin wrote on stderr. */
function generate(body, options = []) {
  const source = `syntax = "proto3";
    package test.v1;
    import "google/api/annotations.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    ${body}`;
  writeFileSync(join(folder, 'test.proto'), source);
  const template = {
    version: 'v2',
    inputs: [{ directory: '.', paths: ['test.proto'] }],
    plugins: [{ local: ['node', plugin], out: 'out', strategy: 'all', opt: options }],
  };
  const run = spawnSync(buf, ['generate', '--template', JSON.stringify(template)], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(readFileSync(join(folder, 'out/openapi.json'), 'utf8'));
}

describe('a document of every kind of field', () => {
  let document;
  beforeAll(() => {
    document = generate(
      `
      // Keeps things. For tests.
      service ThingService {
        // Gets one thing. It may be
        // slow.
        rpc GetThing(GetThingRequest) returns (Thing) {
          option (google.api.http) = { get: "/v1/shelves/{shelf_name}/things/{where.id}" };
        }
        rpc PutThing(PutThingRequest) returns (PutThingResponse) {
          option (google.api.http) = {
            put: "/v1/things/{id}" body: "thing" response_body: "thing"
            additional_bindings { post: "/v1/things" body: "*" }
          };
        }
        // Without an annotation an RPC is not reached over HTTP.
        rpc Hidden(Thing) returns (Thing);
      }
      message GetThingRequest {
        string shelf_name = 1;
        Where where = 2;
        // Only these.
        repeated Color colors = 3;
        google.protobuf.Timestamp not_before = 4;
        int64 revision = 5 [deprecated = true];
      }
      message Where { string id = 1; bool exact = 2; }
      message PutThingRequest { string id = 1; Thing thing = 2; bool force = 3; }
      message PutThingResponse { Thing thing = 1; }
      // What there is.
      message Thing {
        int64 big = 1; uint64 natural = 2; sint32 small = 3; double ratio = 4; bytes data = 5;
        map<string, Thing> parts = 6;
        map<string, int64> counts = 7;
        repeated Thing children = 8;
        oneof owner { string person = 9; Color team = 10; }
        google.protobuf.Duration age = 11;
        google.protobuf.Struct free = 12;
        google.protobuf.Int64Value maybe = 13;
        optional bool flag = 14;
      }
      // A color.
      enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; }
      // It went wrong.
      message Failure { string code = 1; }`,
      ['title=Things', 'version=2.1.0', 'error=test.v1.Failure'],
    );
  });

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('takes title and version from the options and the rest from comments', () => {
    expect(document.info).toEqual({
      title: 'Things',
      version: '2.1.0',
      description: 'Keeps things. For tests.',
    });
    const get = document.paths['/v1/shelves/{shelfName}/things/{where.id}'].get;
    expect(get.summary).toBe('Gets one thing.');
    expect(get.description).toBe('Gets one thing. It may be slow.');
    expect(document.components.schemas.Color).toEqual({
      type: 'string',
      enum: ['COLOR_UNSPECIFIED', 'COLOR_RED'],
      description: 'A color.',
    });
  });

  it('puts bound fields in the path and the others of a GET in the query', () => {
    const { parameters } = document.paths['/v1/shelves/{shelfName}/things/{where.id}'].get;
    expect(parameters).toEqual([
      { name: 'shelfName', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'where.id', in: 'path', required: true, schema: { type: 'string' } },
      { name: 'where.exact', in: 'query', schema: { type: 'boolean' } },
      {
        name: 'colors',
        in: 'query',
        description: 'Only these.',
        schema: { type: 'array', items: { $ref: '#/components/schemas/Color' } },
      },
      { name: 'notBefore', in: 'query', schema: { type: 'string', format: 'date-time' } },
      {
        name: 'revision',
        in: 'query',
        deprecated: true,
        schema: { type: 'string', format: 'int64', pattern: '^-?[0-9]+$' },
      },
    ]);
  });

  it('takes one field as the body, the rest as the query, and one field as the answer', () => {
    const put = document.paths['/v1/things/{id}'].put;
    const thing = { $ref: '#/components/schemas/Thing' };
    expect(put.requestBody.content['application/json'].schema).toEqual(thing);
    expect(put.responses[200].content['application/json'].schema).toEqual(thing);
    expect(put.parameters.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
      'path id',
      'query force',
    ]);
  });

  it('gives an additional binding its own operation, whose body "*" is every field', () => {
    const { post } = document.paths['/v1/things'];
    expect(post.operationId).toBe('ThingService_PutThing_2');
    expect(Object.keys(post.requestBody.content['application/json'].schema.properties)).toEqual([
      ...['id', 'thing', 'force'],
    ]);
    expect(post.parameters).toBeUndefined();
  });

  it('writes fields as proto3 JSON has them', () => {
    const { properties } = document.components.schemas.Thing;
    const int64 = { type: 'string', format: 'int64', pattern: '^-?[0-9]+$' };
    const self = { $ref: '#/components/schemas/Thing' };
    expect(properties.big).toEqual(int64);
    expect(properties.natural.type).toBe('string');
    expect(properties.small).toEqual({ type: 'integer', format: 'int32' });
    expect(properties.data).toEqual({ type: 'string', contentEncoding: 'base64' });
    expect(properties.parts).toEqual({ type: 'object', additionalProperties: self });
    expect(properties.counts).toEqual({ type: 'object', additionalProperties: int64 });
    expect(properties.children).toEqual({ type: 'array', items: self });
    expect(properties.free).toEqual({ type: 'object', additionalProperties: true });
    expect(properties.maybe).toEqual({ ...int64, type: ['string', 'null'] });
    expect(properties.flag).toEqual({ type: 'boolean' });
  });

  it('allows at most one member of a oneof, and none', () => {
    const present = [{ required: ['person'] }, { required: ['team'] }];
    expect(document.components.schemas.Thing.allOf).toEqual([
      { oneOf: [...present, { not: { anyOf: present } }] },
    ]);
  });

  it('answers every failure with the error message', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations).toHaveLength(3);
    for (const { responses } of operations) {
      expect(responses.default).toEqual({ $ref: '#/components/responses/Error' });
    }
    expect(document.components.responses.Error.description).toBe('It went wrong.');
  });
});

describe('what OpenAPI cannot say is refused by name', () => {
  const service = (rule, messages) => `
    service S { rpc Do(In) returns (Out) { option (google.api.http) = { ${rule} }; } }
    message Out {} ${messages}`;

  it.each([
    [
      'a field that does not exist',
      'get: "/v1/{nope}"',
      'message In {}',
      /S\.Do: .* nope, which is not a field/,
    ],
    [
      'a path of several segments',
      'get: "/v1/{n=a/*}"',
      'message In { string n = 1; }',
      /spans path segments/,
    ],
    [
      'a map in a query',
      'get: "/v1"',
      'message In { map<string, string> m = 1; }',
      /query parameter m: maps/,
    ],
    [
      'a recursive query',
      'get: "/v1"',
      'message In { A a = 1; } message A { A b = 1; }',
      /a\.b: .*contains itself/,
    ],
  ])('%s', (_title, rule, messages, message) => {
    expect(() => generate(service(rule, messages))).toThrow(message);
  });

  it('two operations at one place', () => {
    const rpc = (name) => `rpc ${name}(In) returns (In) { option (google.api.http) = { get: "/v1" }; }`;
    expect(() => generate(`service S { ${rpc('A')} ${rpc('B')} } message In {}`)).toThrow(
      /S\.B: get \/v1 is already/,
    );
  });

  it('an unknown option', () => {
    expect(() => generate('message In {}', ['colour=red'])).toThrow(
      /unknown option "colour"; known are out, title/,
    );
  });
});
