import { CommanderError } from 'commander';
import { Failure, messageOf } from './failure.js';
import { createProgram } from './program.js';

// A closed pipe (`unhinged tail logs | head`) is an end, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed it. Help and version end with 0, everything else is the user's input.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    console.error(`unhinged: ${messageOf(error)}`);
    process.exitCode = error instanceof Failure ? error.exitCode : 1;
  }
}
