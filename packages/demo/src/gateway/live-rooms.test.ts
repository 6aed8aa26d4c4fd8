import { type Listener, LiveRooms } from './live-rooms.js';

function listener(bufferedAmount = 0) {
  const sent: unknown[] = [];
  let onClose: () => void = () => undefined;
  const socket = {
    bufferedAmount,
    terminated: false as boolean,
    send: (text: string) => sent.push(JSON.parse(text)),
    terminate: () => {
      socket.terminated = true;
    },
    once: (_event: 'close', then: () => void) => {
      onClose = then;
    },
  } satisfies Listener & { terminated: boolean };
  return {
    socket,
    sent,
    close: () => {
      onClose();
    },
  };
}

describe('live rooms are bounded', () => {
  it('refuse a socket beyond the limit and take one again when another has gone', () => {
    const rooms = new LiveRooms({ maxSockets: 1 });
    const [first, second] = [listener(), listener()];
    expect(rooms.join('a', first.socket)).toBe(true);
    expect(rooms.join('b', second.socket)).toBe(false);
    first.close();
    expect(rooms.join('b', second.socket)).toBe(true);
  });

  it('give up a reader with more than 1 MiB unsent, and do not count it', () => {
    const rooms = new LiveRooms();
    const [quick, slow] = [listener(), listener(2 * 1024 * 1024)];
    rooms.join('a', quick.socket);
    rooms.join('a', slow.socket);
    const sent = rooms.send('a', { event: { $case: 'connected', value: 9 } });
    expect(sent).toBe(1);
    expect(slow.socket.terminated).toBe(true);
    expect(quick.sent.at(-1)).toEqual({ connected: 9 });
  });
});
