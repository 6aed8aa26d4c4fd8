import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookPayload } from '@unhinged/observability-processor';
import { atEnd } from './run-embedded.js';

/** A webhook that notes what it is told; `isUp` says whether it answers 200 or 503. Stopped when the test ends. */
export async function alertServer(isUp: () => boolean = () => true) {
  const told: { status: string; service: string; fingerprint: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (!isUp()) {
        response.writeHead(503).end();
        return;
      }
      const { alerts } = JSON.parse(Buffer.concat(chunks).toString()) as WebhookPayload;
      for (const { status, labels, fingerprint } of alerts) {
        told.push({ status, service: labels['service'] ?? '', fingerprint });
      }
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  return { told, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}
