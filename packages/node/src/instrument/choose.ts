import { list, type Env, type Report } from '../config/read-env.js';
import { CATALOGUE, PACKAGE_PREFIX } from './catalogue.js';

/** Configuration by package name, as `getNodeAutoInstrumentations` of OpenTelemetry takes it. */
export type InstrumentationConfigs = Readonly<Record<string, { enabled?: boolean } & object>>;

/**
 * Keys of the catalogue that shall run. The order of OpenTelemetry's auto-instrumentations: the configuration in code,
 * `OTEL_NODE_DISABLED_INSTRUMENTATIONS`, `OTEL_NODE_ENABLED_INSTRUMENTATIONS` (then only what it names), our defaults.
 */
export function chooseInstrumentations(configs: InstrumentationConfigs, env: Env, report: Report): string[] {
  const named = (variable: string) => {
    const names = list(env, variable);
    for (const name of names) {
      if (!Object.hasOwn(CATALOGUE, name))
        report(`${variable} names '${name}', which is none of ${Object.keys(CATALOGUE).join(', ')}; ignored`);
    }
    return new Set(names);
  };
  for (const name of Object.keys(configs)) {
    if (!name.startsWith(PACKAGE_PREFIX) || !Object.hasOwn(CATALOGUE, name.slice(PACKAGE_PREFIX.length)))
      report(
        `option 'instrumentations' names '${name}'; names are such as ${PACKAGE_PREFIX}express; ignored`,
      );
  }
  const disabled = named('OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  const enabled = named('OTEL_NODE_ENABLED_INSTRUMENTATIONS');
  return Object.entries(CATALOGUE)
    .filter(([key, { off }]) => {
      const inCode = configs[PACKAGE_PREFIX + key];
      if (inCode?.enabled !== undefined) return inCode.enabled;
      if (disabled.has(key)) return false;
      if (enabled.size > 0) return enabled.has(key);
      // Finds its handler in the environment of AWS Lambda; elsewhere it has nothing to do.
      if (key === 'aws-lambda') return env['LAMBDA_TASK_ROOT'] !== undefined || inCode !== undefined;
      return off !== true;
    })
    .map(([key]) => key);
}
