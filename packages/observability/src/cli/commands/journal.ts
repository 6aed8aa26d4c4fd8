import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { toFailure } from '../failure.js';
import { printable } from '../format.js';
import { DEFAULT_DATA, wholeNumber } from '../options.js';

interface JournalOptions {
  data: string;
  json?: boolean;
}

interface DumpOptions extends JournalOptions {
  from: number;
  limit?: number;
}

export function journalCommand(): Command {
  const command = new Command('journal').description(
    'Look into a journal, also while another process writes it.',
  );
  const add = (name: string, description: string): Command =>
    command
      .command(name)
      .description(description)
      .argument('[dir]', 'folder of the journal (default: "journal" in --data)')
      .option('--data <dir>', 'folder that `unhinged up` writes to', DEFAULT_DATA);
  add('ls', 'Segments, consumers and how far behind they are.')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExit codes: 0 done, 1 it cannot be read, 2 there is no journal.')
    .action(withCode(ls));
  add('verify', 'Read every record and say what is damaged.')
    .option('--json', 'one JSON object a segment')
    .addHelpText(
      'after',
      `
Bytes at the end that are no whole record are a write under way, or one that a crash cut off: nothing acknowledged.
Exit codes: 0 whole, 1 damaged or it cannot be read, 2 there is no journal.`,
    )
    .action(withCode(verify));
  add('dump', 'Print the records.')
    .option('--from <sequence>', 'first one', wholeNumber(1, Number.MAX_SAFE_INTEGER), 1)
    .option('--limit <n>', 'at most so many', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--json', 'one JSON object a record, with the whole event')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 it cannot be read, 2 there is no journal.

Examples:
  $ unhinged journal dump --limit 20
  $ unhinged journal dump --json | jq -r 'select(.eventType == "log_entry") | .event.message'`,
    )
    .action(withCode(dump));
  return command;
}

/** The same work, whose errors end the command with the right code. */
const withCode =
  <A extends unknown[]>(work: (...args: A) => Promise<void>) =>
  (...args: A): Promise<void> =>
    work(...args).catch((error: unknown) => {
      throw toFailure(error);
    });

/** Loaded here: the other commands need none of it. */
const events = () => import('@unhinged/events/journal');

const folderOf = (dir: string | undefined, { data }: JournalOptions): string =>
  dir === undefined ? join(resolve(data), 'journal') : resolve(dir);

async function ls(dir: string | undefined, options: JournalOptions): Promise<void> {
  const { listJournal } = await events();
  const listing = await listJournal(folderOf(dir, options));
  const cursors = listing.cursors.map(({ name, position }) => ({
    ...{ name, position, behind: Math.max(0, listing.last - (position ?? 0)) },
  }));
  if (options.json) {
    console.log(JSON.stringify({ ...listing, cursors }));
    return;
  }
  const owner = listing.owner === undefined ? 'not open' : `open in process ${listing.owner}`;
  const count = `${listing.segments.length} ${listing.segments.length === 1 ? 'segment' : 'segments'}`;
  console.log(
    `${listing.dir}: ${size(listing.bytes)} in ${count}, last sequence ${listing.last}, ${owner}\n`,
  );
  for (const { name, bytes } of listing.segments) console.log(`${name}  ${size(bytes).padStart(10)}`);
  console.log('');
  for (const { name, position, behind } of cursors) {
    const at = position === undefined ? 'damaged, begins again' : `at ${position}`;
    console.log(`${printable(name).padEnd(20)}  ${at}, ${behind} behind`);
  }
  if (cursors.length === 0) console.log('No consumer: nothing is removed.');
}

async function verify(dir: string | undefined, options: JournalOptions): Promise<void> {
  const { verifyJournal } = await events();
  let records = 0;
  let damaged = 0;
  for await (const report of verifyJournal(folderOf(dir, options))) {
    records += report.records;
    damaged += report.damage.length;
    if (options.json) {
      console.log(JSON.stringify(report));
      continue;
    }
    const notes = [
      `${report.records} records`,
      report.damage.length > 0 ? `DAMAGED at ${report.damage.join(', ')}` : '',
      report.header ? '' : 'header damaged, nothing lost by it',
      report.unfinished > 0 ? `${report.unfinished} bytes not finished` : '',
    ];
    console.log(`${report.name}  ${notes.filter((note) => note !== '').join('; ')}`);
  }
  if (!options.json) {
    const places = `${damaged} damaged ${damaged === 1 ? 'place' : 'places'}`;
    console.log(`\n${records} records, ${damaged === 0 ? 'all whole' : places}.`);
  }
  if (damaged > 0) process.exitCode = 1;
}

async function dump(dir: string | undefined, options: DumpOptions): Promise<void> {
  const { readJournal, recordToJson } = await events();
  let left = options.limit ?? Infinity;
  for await (const { sequence, payload } of readJournal(folderOf(dir, options), options.from)) {
    if (left-- <= 0) return;
    const record = recordToJson(payload);
    const line = options.json ? JSON.stringify({ sequence, ...record }) : summary(sequence, payload, record);
    // A reader that is slower than the disk must not fill our memory; one that has gone (head) ends us.
    if (!process.stdout.write(`${line}\n`))
      await new Promise((drained) => process.stdout.once('drain', drained));
  }
}

/** What an event is about: the line of a log, the name of the rest. */
interface Named {
  timestamp?: string;
  message?: string;
  span?: { name?: string };
  metric?: { name?: string };
  alertName?: string;
  resource?: { serviceName?: string };
}

function summary(
  sequence: number,
  payload: Uint8Array,
  { eventType, topic, event }: { eventType: string; topic: string; event?: unknown },
): string {
  const { timestamp, message, span, metric, alertName, resource } = (event ?? {}) as Named;
  const what = message ?? span?.name ?? metric?.name ?? alertName ?? `${payload.length} bytes`;
  return printable(
    [sequence, timestamp, eventType || topic || 'unknown', resource?.serviceName, what]
      .filter((part) => part !== undefined && part !== '')
      .join('  '),
  );
}

const size = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
