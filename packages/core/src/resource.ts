import type { Resource } from '@unhinged/observability-proto';
import { setOwn } from './object-fields.js';
import { safeValue } from './safe-value.js';

/** Resource attribute: web, gateway or backend. */
export const ATTR_TIER = 'unhinged.tier';
/** Resource attribute: frontend, gateway, backend or critical; the row of the sampling table. */
export const ATTR_SERVICE_TYPE = 'unhinged.service.type';
/** Log record attribute: destination flags in canonical form, such as `CD-`. */
export const ATTR_DESTINATIONS = 'unhinged.destinations';
/** Log record attribute: share of lines like this one that lake routing keeps. */
export const ATTR_LAKE_RATE = 'unhinged.lake.rate';
/** What OpenTelemetry calls a service that has no name. */
export const UNKNOWN_SERVICE = 'unknown_service';

/**
 * Resource of an event from OpenTelemetry resource attributes: `service.name` (default `unknown_service`), `service.version`,
 * `deployment.environment.name` (or the older `deployment.environment`); the rest as strings, values that are none as JSON.
 */
export function toEventResource(attributes: Readonly<Record<string, unknown>>): Resource {
  const rest: Record<string, string> = {};
  for (const key of Object.keys(attributes)) {
    if (named.has(key)) continue;
    const value = text(attributes[key]);
    if (value !== undefined) setOwn(rest, key, value);
  }
  const serviceName = text(attributes['service.name']) ?? '';
  return {
    serviceName: serviceName === '' ? UNKNOWN_SERVICE : serviceName,
    serviceVersion: text(attributes['service.version']) ?? '',
    deploymentEnvironment:
      text(attributes['deployment.environment.name']) ?? text(attributes['deployment.environment']) ?? '',
    attributes: rest,
  };
}

const named = new Set([
  'service.name',
  'service.version',
  'deployment.environment.name',
  'deployment.environment',
]);

function text(value: unknown): string | undefined {
  const safe = safeValue(value);
  return safe === undefined || typeof safe === 'string' ? safe : JSON.stringify(safe);
}
