import type { Attributes } from '@opentelemetry/api';
import { ATTR_SERVICE_TYPE, ATTR_TIER } from '@unhinged/observability-core';
import type { WebSettings } from './options.js';
import { randomId } from './session/session-state.js';

/** Who sends: the service, its environment, the tier, and which page load of which browser. */
export function webResource(settings: WebSettings): Attributes {
  return {
    'telemetry.sdk.name': '@unhinged/observability-web',
    'telemetry.sdk.language': 'webjs',
    'deployment.environment.name': settings.environment,
    'service.instance.id': randomId(),
    'user_agent.original': navigator.userAgent,
    'browser.language': navigator.language,
    ...(settings.version === undefined ? {} : { 'service.version': settings.version }),
    ...settings.attributes,
    'service.name': settings.service,
    [ATTR_TIER]: 'web',
    [ATTR_SERVICE_TYPE]: 'frontend',
  };
}
