import { startPage } from '../testing/page.js';
import { startReceiver, type Receiver } from '../testing/receiver.js';
import type { Instrument } from './instrument.js';
import { traceFetch } from './fetch.js';
import { traceNavigation } from './navigation.js';
import { traceWebSocket } from './websocket.js';
import { traceXhr } from './xhr.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const fail = (): never => {
  throw new Error('of the telemetry');
};

const opened = (socket: WebSocket): Promise<string> =>
  new Promise((resolve) => {
    // The receiver speaks no WebSocket: what matters is that the page hears so.
    socket.onerror = () => {
      resolve('failed');
    };
  });
const loaded = (xhr: XMLHttpRequest): Promise<number> =>
  new Promise((resolve) => {
    xhr.onload = () => {
      resolve(xhr.status);
    };
    xhr.open('GET', `${receiver.url}/api/x`);
    xhr.send();
  });

test.each<[string, Instrument, () => unknown, unknown]>([
  ['fetch', traceFetch(), async () => (await fetch(`${receiver.url}/api/x`)).status, 200],
  ['XMLHttpRequest', traceXhr(), () => loaded(new XMLHttpRequest()), 200],
  ['WebSocket', traceWebSocket(), () => opened(new WebSocket(receiver.url.replace('http', 'ws'))), 'failed'],
  [
    'pushState',
    traceNavigation(),
    () => {
      history.pushState({}, '', '/elsewhere');
      return location.pathname;
    },
    '/elsewhere',
  ],
])('whatever fails in us, %s of the page works', async (_, instrument, use, result) => {
  const started = startPage(instrument);
  Object.assign(started.page, {
    ignores: fail,
    shown: fail,
    begin: fail,
    event: fail,
    enter: fail,
    propagatesTo: fail,
  });
  expect(await use()).toBe(result);
  started.stop();
});
