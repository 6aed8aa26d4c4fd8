import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { journalCommand } from './commands/journal.js';
import { queryCommand } from './commands/query.js';
import { tailCommand } from './commands/tail.js';
import { sourcemapsCommand } from './commands/sourcemaps.js';
import { upCommand } from './commands/up.js';

/** The `unhinged` command with all it can do. */
export function createProgram(): Command {
  const program = new Command('unhinged')
    .description('Traces, logs and metrics of all tiers on one machine, kept and queryable.')
    .version(version(), '-V, --version', 'print the version')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 failed, 2 the input makes no sense.

Examples:
  $ unhinged up                     start everything, see http://localhost:4319
  $ unhinged tail logs              follow the log lines
  $ unhinged query "select service, count(*) from observability_traces group by all"
  $ unhinged journal verify
  $ unhinged sourcemaps upload dist
  $ unhinged doctor                 what is wrong here?`,
    );
  for (const command of [
    ...[upCommand(), demoCommand(), queryCommand(), tailCommand(), journalCommand()],
    ...[sourcemapsCommand(), doctorCommand()],
  ]) {
    program.addCommand(command);
  }
  // Errors are thrown to main, so that there is one place that decides on exit codes.
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap(({ commands }) => commands),
  ])
    command.exitOverride().showHelpAfterError('(--help shows how)');
  return program;
}

/** Version of this package, which is that of all others. */
export function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
