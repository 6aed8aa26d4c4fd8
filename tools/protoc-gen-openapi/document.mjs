import { httpBindings } from './http-rule.mjs';
import { commentOf, described, Schemas, wellKnownSchema } from './schemas.mjs';

const json = (schema) => ({ 'application/json': { schema } });

/**
 * The OpenAPI 3.1 document of services annotated with google.api.http.
 * @param {import('@bufbuild/protobuf').FileRegistry} registry All files, with comments.
 * @param {readonly import('@bufbuild/protobuf').DescService[]} services
 * @param {Partial<import('./plugin.mjs').Options>} options
 */
export function buildDocument(registry, services, options) {
  const schemas = new Schemas(services[0]?.file.proto.package ?? '');
  const failure = errorResponse(registry, schemas, options.error);
  const paths = {};
  for (const rpc of services.flatMap((service) => service.methods)) {
    httpBindings(registry, rpc).forEach((binding, index) => {
      if (rpc.methodKind !== 'unary') {
        throw new Error(
          `${rpc.parent.typeName}.${rpc.name}: streams have no OpenAPI; remove google.api.http`,
        );
      }
      const operations = (paths[pathOf(rpc, binding)] ??= {});
      if (binding.method in operations) {
        throw new Error(
          `${rpc.parent.typeName}.${rpc.name}: ${binding.method} ${binding.path} is already taken`,
        );
      }
      operations[binding.method] = operation(rpc, binding, index, schemas, failure !== undefined);
    });
  }
  return {
    openapi: '3.1.0',
    info: {
      title: options.title ?? services[0]?.name ?? 'API',
      version: options.version ?? '0.0.0',
      description: services.map(commentOf).join('\n\n'),
    },
    paths,
    components: {
      schemas: schemas.components,
      ...(failure === undefined ? {} : { responses: { Error: failure } }),
    },
    tags: services.map((service) => described(service, { name: service.name })),
  };
}

function errorResponse(registry, schemas, name) {
  if (name === undefined) return undefined;
  const message = registry.getMessage(name);
  if (message === undefined) throw new Error(`option error: there is no message ${name}`);
  return {
    description: commentOf(message) || 'The request failed.',
    content: json(schemas.message(message)),
  };
}

function operation(rpc, binding, index, schemas, hasError) {
  const bound = new Set(binding.parameters);
  const free = rpc.input.fields.filter((field) => !bound.has(field.name) && field.name !== binding.body);
  const parameters = binding.parameters.map((path) => pathParameter(rpc, path, schemas));
  if (binding.body !== '*') {
    const ways = free.flatMap((field) => queryFields(rpc, [field]));
    const unbound = ways.filter((fields) => !bound.has(fields.map((field) => field.name).join('.')));
    parameters.push(...unbound.map((fields) => parameter('query', fields, schemas)));
  }

  const comment = commentOf(rpc);
  const [summary] = comment.split(/(?<=\.)\s/);
  return {
    operationId: `${rpc.parent.name}_${rpc.name}${index === 0 ? '' : `_${index + 1}`}`,
    tags: [rpc.parent.name],
    ...(comment === '' ? {} : { summary }),
    ...(comment === summary ? {} : { description: comment }),
    ...(rpc.deprecated ? { deprecated: true } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(rpc, binding, free, schemas),
    responses: {
      200: { description: 'Success.', content: json(responseSchema(rpc, binding, schemas)) },
      ...(hasError ? { default: { $ref: '#/components/responses/Error' } } : {}),
    },
  };
}

function requestBody(rpc, { body }, free, schemas) {
  if (body === '') return {};
  const schema =
    body === '*' ? schemas.object(rpc.input, free) : schemas.field(fieldAt(rpc, rpc.input, [body]).at(-1));
  return { requestBody: { required: true, content: json(schema) } };
}

function responseSchema(rpc, { responseBody }, schemas) {
  return responseBody === ''
    ? schemas.message(rpc.output)
    : schemas.field(fieldAt(rpc, rpc.output, [responseBody]).at(-1));
}

/** The path as its parameters are called in JSON. */
function pathOf(rpc, { path }) {
  return path.replace(
    /\{([^}]+)\}/g,
    (_match, name) => `{${jsonName(fieldAt(rpc, rpc.input, name.split('.')))}}`,
  );
}

const jsonName = (fields) => fields.map((field) => field.jsonName).join('.');

function pathParameter(rpc, path, schemas) {
  const fields = fieldAt(rpc, rpc.input, path.split('.'));
  return parameter('path', fields, schemas);
}

/** The ways down to everything a query can set below a field; `fields` is the way down to that field. */
function queryFields(rpc, fields) {
  const last = fields.at(-1);
  const where = `${rpc.parent.typeName}.${rpc.name}: query parameter ${jsonName(fields)}`;
  const isNested = last.fieldKind === 'message' && wellKnownSchema(last.message) === undefined;
  if (last.fieldKind === 'map' || (last.fieldKind === 'list' && last.listKind === 'message')) {
    throw new Error(`${where}: maps and repeated messages cannot be in a query; put them in the body`);
  }
  if (!isNested) return [fields];
  if (fields.slice(0, -1).some((field) => field.message === last.message)) {
    throw new Error(`${where}: a message that contains itself cannot be in a query; put it in the body`);
  }
  return last.message.fields.flatMap((field) => queryFields(rpc, [...fields, field]));
}

function parameter(place, fields, schemas) {
  const { description, deprecated, ...schema } = schemas.field(fields.at(-1));
  return {
    name: jsonName(fields),
    in: place,
    ...(place === 'path' ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
    ...(deprecated === undefined ? {} : { deprecated }),
    schema,
  };
}

/** The fields along a path of proto names. */
function fieldAt(rpc, message, names) {
  const fields = [];
  let current = message;
  for (const name of names) {
    const field = current?.fields.find((each) => each.name === name);
    if (field === undefined) {
      throw new Error(
        `${rpc.parent.typeName}.${rpc.name}: google.api.http names ${names.join('.')}, ` +
          `which is not a field of ${message.typeName}`,
      );
    }
    fields.push(field);
    current = field.message;
  }
  return fields;
}
