// What a script tag gets as the global `unhinged`. With data-service it starts by itself, which needs no inline script:
// <script src="…/unhinged-observability.iife.min.js" data-service="shop" data-environment="production"></script>
import { startWeb } from './start-web.js';

export * from './index.js';

const { service, endpoint, environment, version } =
  (typeof document === 'undefined' ? null : (document.currentScript as HTMLScriptElement | null))?.dataset ??
  {};
if (service !== undefined) {
  startWeb({
    service,
    ...(endpoint !== undefined && { endpoint }),
    ...(environment !== undefined && { environment }),
    ...(version !== undefined && { version }),
  });
}
