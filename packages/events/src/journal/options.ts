import { ObservabilityError } from '@unhinged/observability-core';

export interface JournalOptions {
  /** Folder of the journal, made when missing. One process at a time. */
  dir: string;
  /** Most bytes on disk. Default 1 GiB. */
  capBytes?: number;
  /**
   * When the cap is reached and consumers are behind: `block` makes appends wait for space (default: nothing acknowledged is ever
   * lost), `drop-oldest` removes the oldest segment and counts what consumers had not read.
   */
  onFull?: 'block' | 'drop-oldest';
  /** With `block`: milliseconds an append waits before it is refused with `journal_full`. Default 2,000. */
  blockMs?: number;
  /** Most bytes that may wait to be written; an append beyond is refused with `journal_full`. Default 64 MiB. */
  queueBytes?: number;
  /** A segment is closed at this size. Default 32 MiB, at most a quarter of the cap. */
  segmentBytes?: number;
  /** Consumed bytes that are kept for replay nevertheless. Default 0. */
  retainBytes?: number;
}

const MIB = 1024 * 1024;

/** Fills in the defaults. @throws ObservabilityError `bad_option` with the name, what was expected and what was given. */
export function resolveJournalOptions(options: JournalOptions): Required<JournalOptions> {
  const { dir, onFull = 'block' } = options;
  if (typeof dir !== 'string' || dir === '') fail('dir', 'a folder', dir);
  if (!['block', 'drop-oldest'].includes(onFull)) fail('onFull', "'block' or 'drop-oldest'", onFull);
  const number = (name: keyof JournalOptions, fallback: number, least: number): number => {
    const given = options[name] ?? fallback;
    if (typeof given !== 'number' || !(given >= least)) fail(name, `a number of at least ${least}`, given);
    return given;
  };
  const capBytes = number('capBytes', 1024 * MIB, 4096);
  const segmentBytes = Math.min(number('segmentBytes', 32 * MIB, 1024), Math.floor(capBytes / 4));
  return {
    dir,
    onFull,
    capBytes,
    segmentBytes,
    blockMs: number('blockMs', 2_000, 0),
    queueBytes: number('queueBytes', 64 * MIB, 1),
    retainBytes: number('retainBytes', 0, 0),
  };
}

function fail(name: string, expected: string, given: unknown): never {
  throw new ObservabilityError(
    'bad_option',
    `Journal option ${name}: expected ${expected}, got ${String(given)}.`,
  );
}
