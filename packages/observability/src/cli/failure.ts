import { ObservabilityError } from '@unhinged/observability-core';

/** What ends a command: 1 it failed, 2 what the user gave makes no sense. */
export class Failure extends Error {
  readonly exitCode: 1 | 2;

  constructor(exitCode: 1 | 2, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

const INPUT_CODES = new Set(['bad_query', 'bad_policy', 'bad_option', 'bad_flags', 'journal_not_found']);

/** The same error as one that ends a command. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const isInput = error instanceof ObservabilityError && INPUT_CODES.has(error.code);
  return new Failure(isInput ? 2 : 1, messageOf(error), { cause: error });
}

/** The message, with its cause where it adds something: fetch says only "fetch failed". */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return cause === '' || error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}
