// Express 4 and 5, and anything else with middleware over node:http (Connect, Polka, Restify).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { beginRequest } from './request/begin-request.js';
import { recordError } from './request/record-error.js';
import type { RequestIdOptions } from './request/request-ids.js';
import { currentMetrics } from './start-node.js';

export { activeRequestIds, identify } from './request/request-ids.js';
export type { ForwardedId, RequestIdOptions, RequestIds } from './request/request-ids.js';

/** The part of Express's request that is used here; types of Express are not needed. */
export interface ExpressRequest extends IncomingMessage {
  baseUrl?: string;
  route?: { path?: unknown };
}
type Next = (error?: unknown) => void;

/**
 * `app.use(requestContext())`, before the routes: correlation and request id in the response, in every log line and on the span, and the route's
 * name on the span also where the Express instrumentation is off.
 */
export function requestContext<Request extends IncomingMessage = ExpressRequest>(
  options: RequestIdOptions<Request> = {},
): (request: Request, response: ServerResponse, next: Next) => void {
  return (request, response, next) => {
    beginRequest({ request, response }, request, options, (span) => {
      // The route is known when a handler of it has answered.
      response.once('finish', () => {
        const route = routeOf(request);
        if (route !== undefined) span?.setRoute(route);
      });
      next();
    });
  };
}

/** `app.use(recordErrors())`, after the routes: the exception of a failed request on its span. The answer stays yours or Express's. */
export function recordErrors(): (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: Next,
) => void {
  // Express knows an error handler by its four parameters.
  return (error, _request, _response, next) => {
    recordError(error);
    next(error);
  };
}

/** `app.get('/metrics', metrics())`: this process's metrics for Prometheus. */
export function metrics(): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    void currentMetrics(request, response);
  };
}

function routeOf(request: ExpressRequest): string | undefined {
  const path = request.route?.path;
  return typeof path === 'string' ? `${request.baseUrl ?? ''}${path}` || '/' : undefined;
}
