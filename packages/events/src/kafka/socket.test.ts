import { once } from 'node:events';
import { createServer } from 'node:net';

import { createSocket } from './socket.js';

test('a closed socket that is unrefed again and again collects no listeners', async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const args = { host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => undefined };
  try {
    const socket = createSocket(args).resume();
    await once(socket, 'close');
    const before = socket.listenerCount('connect');
    for (let n = 0; n < 20; n++) socket.unref();
    expect(socket.listenerCount('connect')).toBe(before);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
