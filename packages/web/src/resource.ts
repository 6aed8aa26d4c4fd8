import { defaultResource, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import {
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import { ATTR_SERVICE_TYPE, ATTR_TIER, uuidv7 } from '@unhinged/observability-core';
import type { WebSettings } from './options.js';

/** Who sends: the service, its environment, the tier, and which page load of which browser. */
export function webResource(settings: WebSettings): Resource {
  return defaultResource().merge(
    resourceFromAttributes({
      'deployment.environment.name': settings.environment,
      'service.instance.id': uuidv7(),
      [ATTR_USER_AGENT_ORIGINAL]: navigator.userAgent,
      'browser.language': navigator.language,
      ...(settings.version === undefined ? {} : { [ATTR_SERVICE_VERSION]: settings.version }),
      ...settings.attributes,
      [ATTR_SERVICE_NAME]: settings.service,
      [ATTR_TIER]: 'web',
      [ATTR_SERVICE_TYPE]: 'frontend',
    }),
  );
}
