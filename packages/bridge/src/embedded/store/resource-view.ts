import { ATTR_TIER, UNKNOWN_SERVICE } from '@unhinged/observability-core';
import type { Resource } from '@unhinged/observability-proto';

export const serviceOf = (resource: Resource | undefined): string =>
  resource === undefined || resource.serviceName === '' ? UNKNOWN_SERVICE : resource.serviceName;

export const tierOf = (resource: Resource | undefined): string =>
  resource?.attributes[ATTR_TIER] ?? 'unknown';

/** All attributes of a resource under the names of the semantic conventions. */
export function resourceView(resource: Resource | undefined): Record<string, string> {
  const { serviceVersion = '', deploymentEnvironment = '', attributes = {} } = resource ?? {};
  return {
    'service.name': serviceOf(resource),
    ...(serviceVersion !== '' && { 'service.version': serviceVersion }),
    ...(deploymentEnvironment !== '' && { 'deployment.environment.name': deploymentEnvironment }),
    ...attributes,
  };
}
