import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  CORRELATION_HEADER,
  DEFAULT_FORWARD,
  idAttributes,
  readRequestIds,
  REQUEST_HEADER,
  withRequestIds,
  type RequestIdOptions,
} from './request-ids.js';
import { serverSpan, type ServerSpan } from './server-span.js';
import { warnOnce } from '../warn.js';

/**
 * What every framework does with a request before its handlers: ids read or made, echoed in the response, put on the span; then
 * `work` as part of it. A failure of ours, or of an extractor in the options, is warned of and leaves the request alone.
 */
export function beginRequest<Request>(
  raw: { request: IncomingMessage; response: ServerResponse },
  request: Request,
  options: RequestIdOptions<Request>,
  work: (span: ServerSpan | undefined) => void,
): void {
  let run: (() => void) | undefined;
  try {
    const ids = readRequestIds(raw.request.headers, request, options);
    const { response } = raw;
    if (!response.headersSent) {
      response.setHeader(options.correlationHeader ?? CORRELATION_HEADER, ids.correlationId);
      response.setHeader(options.requestHeader ?? REQUEST_HEADER, ids.requestId);
    }
    const span = serverSpan(raw.request, response);
    span.span?.setAttributes(idAttributes(ids));
    run = () => {
      withRequestIds(ids, options.forward ?? DEFAULT_FORWARD, () => {
        span.run(() => {
          work(span);
        });
      });
    };
  } catch (error) {
    warnOnce(`request context: ${String(error)}; the request goes on without ids`);
  }
  // Outside of the try: what the handlers throw is theirs.
  if (run === undefined) work(undefined);
  else run();
}
