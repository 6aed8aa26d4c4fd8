import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setAtHead } from './response-head.js';

let server: Server | undefined;
afterEach(async () => {
  await stop();
});

async function stop(): Promise<void> {
  await new Promise<void>((resolve) => {
    if (server === undefined) resolve();
    else
      server.close(() => {
        resolve();
      });
  });
  server = undefined;
}

async function answer(
  handler: RequestListener,
  value: (status: number) => string | undefined = () => 'kept',
): Promise<Response> {
  server = createServer((request, response) => {
    setAtHead(response, 'traceresponse', value);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return fetch(`http://127.0.0.1:${port.toString()}/`, { headers: { connection: 'close' } });
}

describe('a header set when the head leaves', () => {
  it('goes with a head that node writes by itself, and knows the final status', async () => {
    const response = await answer(
      (_, response) => {
        response.statusCode = 503;
        response.end('no');
      },
      (status) => status.toString(),
    );
    expect(response.headers.get('traceresponse')).toBe('503');
  });

  it('goes beside headers given to writeHead as an object, as a list, and with a reason', async () => {
    for (const head of [
      [500, { 'x-own': 'a' }],
      [500, ['x-own', 'a']],
      [500, 'Broken', { 'x-own': 'a' }],
    ] as const) {
      const response = await answer((_, response) => {
        response.writeHead(...(head as unknown as [number, Record<string, string>]));
        response.end();
      });
      expect(response.status).toBe(500);
      expect(response.headers.get('x-own')).toBe('a');
      expect(response.headers.get('traceresponse')).toBe('kept');
      await stop();
    }
  });

  it('keeps every cookie of a list given to writeHead', async () => {
    const response = await answer((_, response) => {
      response.writeHead(500, ['set-cookie', 'a=1', 'set-cookie', 'b=2']);
      response.end();
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('is not there when there is nothing to say, and changes nothing then', async () => {
    const response = await answer(
      (_, response) => {
        response.setHeader('access-control-allow-origin', '*');
        response.end();
      },
      () => undefined,
    );
    expect(response.headers.has('traceresponse')).toBe(false);
    expect(response.headers.has('access-control-expose-headers')).toBe(false);
  });

  it.each([
    [undefined, 'traceresponse'],
    ['X-Total, etag', 'X-Total, etag, traceresponse'],
    ['TraceResponse', 'TraceResponse'],
    ['*', '*, traceresponse'],
  ])('is exposed to scripts of other origins besides what the application exposes: %s', async (own, all) => {
    const headers = {
      'Access-Control-Allow-Origin': 'https://app.example',
      ...(own !== undefined && { 'Access-Control-Expose-Headers': own }),
    };
    const set = await answer((_, response) => {
      for (const [key, value] of Object.entries(headers)) response.setHeader(key, value);
      response.end();
    });
    await stop();
    const given = await answer((_, response) => response.writeHead(200, headers).end());
    await stop();
    const listed = await answer((_, response) =>
      response.writeHead(200, Object.entries(headers).flat()).end(),
    );
    for (const response of [set, given, listed]) {
      expect(response.headers.get('access-control-expose-headers')).toBe(all);
    }
  });

  it('exposes nothing where CORS is not at work', async () => {
    const response = await answer((_, response) => response.writeHead(200, {}).end());
    expect(response.headers.has('access-control-expose-headers')).toBe(false);
  });
});
