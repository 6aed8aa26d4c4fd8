import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookPayload } from '../index.js';

export interface Call {
  body: WebhookPayload;
  headers: IncomingHttpHeaders;
}

/** A webhook that notes its calls; `answer` gives the status of each, or undefined for none at all. */
export async function webhookServer(answer: (call: Call, index: number) => number | undefined = () => 200) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = {
        body: JSON.parse(Buffer.concat(chunks).toString()) as WebhookPayload,
        headers: request.headers,
      };
      calls.push(call);
      const status = answer(call, calls.length - 1);
      if (status !== undefined) response.writeHead(status, { location: '/elsewhere' }).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    calls,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
