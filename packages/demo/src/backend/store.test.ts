import { MessageStore } from './store.js';

const message = (room: string, text: string) => ({ room, author: 'Ada', text });

describe('the message store is bounded', () => {
  it('keeps the newest messages of a room', () => {
    const store = new MessageStore({ messagesPerRoom: 3 });
    for (const text of ['1', '2', '3', '4']) store.add(message('a', text));
    expect(store.all('a').map(({ text }) => text)).toEqual(['2', '3', '4']);
    expect(store.newest('a', 2).map(({ text }) => text)).toEqual(['3', '4']);
  });

  it('forgets the room unused for longest', () => {
    const store = new MessageStore({ rooms: 2 });
    for (const room of ['a', 'b', 'a', 'c']) store.add(message(room, room));
    expect([store.all('a').length, store.all('b').length, store.all('c').length]).toEqual([2, 0, 1]);
  });
});
