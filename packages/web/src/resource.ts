import type { Attributes } from '@opentelemetry/api';
import { ATTR_SERVICE_TYPE, ATTR_TIER } from '@unhinged/observability-core';
import type { WebSettings } from './options.js';
import { randomHex } from './random-hex.js';

/** Who sends: the service, its environment, the tier, and which page load of which browser. Found out when it is first asked for. */
export function webResource(settings: WebSettings): (service: string) => Attributes {
  let page: Attributes | undefined;
  return (service) => ({
    ...(page ??= {
      'telemetry.sdk.name': '@unhinged/observability-web',
      'telemetry.sdk.language': 'webjs',
      'deployment.environment.name': settings.environment,
      'service.instance.id': randomHex(32),
      'user_agent.original': navigator.userAgent,
      'browser.language': navigator.language,
      ...(settings.version !== undefined && { 'service.version': settings.version }),
      ...settings.attributes,
      [ATTR_TIER]: 'web',
      [ATTR_SERVICE_TYPE]: 'frontend',
    }),
    'service.name': service,
  });
}
