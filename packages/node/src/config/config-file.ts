import { createRequire } from 'node:module';
import type * as Configuration from '@opentelemetry/configuration';
import { text, type Env, type Report } from './read-env.js';
import { translate } from './config-file-rules.js';

const require = createRequire(import.meta.url);

/**
 * The environment as the rest of the configuration reads it. With `OTEL_CONFIG_FILE` (or its older name
 * `OTEL_EXPERIMENTAL_CONFIG_FILE`) that is the file, YAML or JSON of OpenTelemetry's declarative configuration 1.x, said in
 * variables: the `OTEL_*` variables themselves then count only where the file names them (`${OTEL_SERVICE_NAME}`), as the specification
 * has it. What has no counterpart is reported by its path. A file that cannot be read or is not valid is reported and left out.
 */
export function withConfigFile(env: Env, report: Report): Env {
  const file = text(env, 'OTEL_CONFIG_FILE') ?? text(env, 'OTEL_EXPERIMENTAL_CONFIG_FILE');
  if (file === undefined) return env;
  let model: unknown;
  try {
    model = parse(file);
  } catch (error) {
    report(`OTEL_CONFIG_FILE is ignored: ${error instanceof Error ? error.message : String(error)}`);
    return env;
  }
  const { variables, unknown } = translate(model);
  for (const path of unknown) report(`${file}: '${path}' has no effect here`);
  const others = Object.entries(env).filter(([name]) => !name.startsWith('OTEL_') || OUTSIDE.test(name));
  return { ...Object.fromEntries(others), ...variables };
}

/** Names of Node's instrumentations are nothing the file knows. */
const OUTSIDE = /^OTEL_(NODE_(ENABLED|DISABLED)_INSTRUMENTATIONS|SEMCONV_STABILITY_OPT_IN)$/;

/** Validated against the schema, with variables put in. Throws an error that names file and place. */
function parse(file: string): unknown {
  const { createConfigFactory } = require('@opentelemetry/configuration') as typeof Configuration;
  // The parser takes the file's name from this variable and from nowhere else.
  const before = process.env['OTEL_CONFIG_FILE'];
  process.env['OTEL_CONFIG_FILE'] = file;
  try {
    return createConfigFactory().getConfigModel();
  } finally {
    if (before === undefined) delete process.env['OTEL_CONFIG_FILE'];
    else process.env['OTEL_CONFIG_FILE'] = before;
  }
}
