import { chooseInstruments, type InstrumentSwitches } from './instrument/all.js';
import { reportProblem } from './report.js';
import type { StartWebOptions } from './options.js';
import { startWebWith, type WebSdk } from './start-web-with.js';

/**
 * Starts traces, logs and metrics of this page, with everything that `instruments` does not switch off. Never throws: a wrong
 * option is reported on the console and its default used. Without a window (server-side rendering, Node) it returns an SDK that
 * does nothing. A second call returns the SDK that runs.
 */
export function startWeb(options: StartWebOptions & { instruments?: InstrumentSwitches }): WebSdk {
  const { instruments, ...rest } = (options as typeof options | undefined) ?? ({} as typeof options);
  return startWebWith(
    rest,
    chooseInstruments(instruments, (problem) => {
      reportProblem(`startWeb: ${problem}`);
    }),
  );
}
