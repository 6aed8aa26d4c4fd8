import { safeValue } from '@unhinged/observability-core';
import { isPrinting } from '../console-sink.js';
import type { Instrument } from './instrument.js';
import { patch } from './patch.js';

type Method = 'debug' | 'log' | 'info' | 'warn' | 'error';

/**
 * What the page and its libraries print, as events `browser.console`. Not on by default: consoles hold what nobody meant to send.
 * Lines of our own loggers are not taken twice. Default methods `warn` and `error`.
 */
export function captureConsole({
  methods = ['warn', 'error'],
}: { methods?: readonly Method[] } = {}): Instrument {
  return (page) => {
    let busy = false;
    let stopped = false;
    const restores = methods.map((method) => {
      // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the console as `this`
      const original = console[method];
      return patch(console, method, (...args: unknown[]) => {
        original.apply(console, args);
        // What prints while a line is taken, a getter or toString of the page, would go round and round.
        if (busy || stopped || isPrinting()) return;
        busy = true;
        try {
          const message = args.map(shown).join(' ');
          page.event(
            'browser.console',
            { 'browser.console.method': method },
            { level: method === 'log' ? 'info' : method, message },
          );
        } finally {
          busy = false;
        }
      });
    });
    return () => {
      stopped = true;
      for (const restore of restores) restore();
    };
  };
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.stack ?? String(value);
  const safe = safeValue(value);
  return safe === undefined ? typeof value : JSON.stringify(safe);
}
