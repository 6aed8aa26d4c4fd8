import { captureConsole } from './console.js';
import { traceDocumentLoad } from './document-load.js';
import { captureErrors } from './errors.js';
import { traceFetch } from './fetch.js';
import type { Instrument } from './instrument.js';
import { recordLongFrames } from './long-frames.js';
import { traceNavigation } from './navigation.js';
import { traceUserActions } from './user-actions.js';
import { recordWebVitals } from './web-vitals.js';
import { traceWebSocket } from './websocket.js';
import { traceXhr } from './xhr.js';
import { isPage } from '../runtime.js';
import { metricsApi } from '../metrics/meter-provider.js';

/** Everything there is, by its switch; what is on by default is true. */
const INSTRUMENTS = {
  errors: [captureErrors, true],
  fetch: [traceFetch, true],
  xhr: [traceXhr, true],
  documentLoad: [traceDocumentLoad, true],
  userActions: [traceUserActions, true],
  navigation: [traceNavigation, true],
  webSocket: [traceWebSocket, true],
  webVitals: [recordWebVitals, true],
  longFrames: [recordLongFrames, true],
  metricsApi: [metricsApi, true],
  console: [captureConsole, false],
} as const satisfies Record<string, readonly [() => Instrument, boolean]>;

/** A worker has none of these. */
const OF_A_DOCUMENT = ['documentLoad', 'userActions', 'navigation', 'webVitals', 'longFrames'];

/** What is switched on or off; what is not named stays as it is by default: all on but `console`. */
export type InstrumentSwitches = Partial<Record<keyof typeof INSTRUMENTS, boolean>>;

/** The instruments of some switches. What is wrong with them is reported, and the default used. */
export function chooseInstruments(switches: unknown, report: (problem: string) => void): Instrument[] {
  const isObject = typeof switches === 'object' && switches !== null;
  if (switches !== undefined && !isObject) report('option "instruments": expected an object of switches');
  const given = (isObject ? switches : {}) as Record<string, unknown>;
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(INSTRUMENTS, key))
      report(`option "instruments": unknown "${key}"; there are ${Object.keys(INSTRUMENTS).join(', ')}`);
    else if (typeof value !== 'boolean')
      report(`option "instruments": expected true or false for "${key}", got ${typeof value}`);
  }
  return Object.entries(INSTRUMENTS).flatMap(([key, [make, byDefault]]) => {
    const value = given[key];
    if (OF_A_DOCUMENT.includes(key) && !isPage()) return [];
    return (typeof value === 'boolean' ? value : byDefault) ? [make()] : [];
  });
}
