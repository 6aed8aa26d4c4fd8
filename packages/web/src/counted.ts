import { reportProblem } from './report.js';

/** What became of the items of one signal. Recorded but neither sent nor failed: they wait, or a full queue dropped them. */
export interface SignalStats {
  recorded: number;
  sent: number;
  /** Given up after the retries: the receiver refused them or could not be reached. */
  failed: number;
}

interface Exporter<Items> {
  export(items: Items, done: (result: { code: number; error?: Error }) => void): void;
}

/** Counts what an exporter sends and gives up; tells the developer of the first failure, and then no more. */
export function counted<Items extends { readonly length: number }, E extends Exporter<Items>>(
  exporter: E,
  what: string,
  stats: SignalStats,
): E {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) => {
    send(items, (result) => {
      // ExportResultCode.SUCCESS is 0.
      if (result.code === 0) {
        stats.sent += items.length;
      } else {
        if (stats.failed === 0)
          reportProblem(`${what} could not be sent; further failures are counted in stats()`, result.error);
        stats.failed += items.length;
      }
      done(result);
    });
  };
  return exporter;
}
