import { constants } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AlertTransition, ProcessorState } from '@unhinged/observability-processor';

/** What the processor feed needs to go on after a crash. */
export interface Checkpoint {
  version: 1;
  /** Highest journal sequence that `processor` has seen. */
  position: number;
  processor: ProcessorState;
  /** Transitions that were not in the journal yet. */
  unjournaled: AlertTransition[];
  /** Transitions that some webhook was not told of yet. */
  undelivered: AlertTransition[];
}

/** The file of the checkpoint in a data folder. */
export const checkpointPath = (dataDir: string): string => join(dataDir, 'state', 'processor.json');

/** Undefined when there is none, `damaged` (moved aside to `….bad`) when it cannot be read as one. */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined | 'damaged'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const read = JSON.parse(text) as Partial<Checkpoint>;
    const { position, unjournaled, undelivered } = read;
    const isWhole = read.version === 1 && Number.isSafeInteger(position) && read.processor;
    if (isWhole && Array.isArray(unjournaled) && Array.isArray(undelivered)) return read as Checkpoint;
  } catch {
    // Falls through: not JSON is as damaged as JSON of another kind.
  }
  await rename(path, `${path}.bad`);
  return 'damaged';
}

/** Replaces the checkpoint so that a crash at any moment leaves the old one or the new one. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(JSON.stringify(checkpoint));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  // The rename is an entry of the folder, and that has to reach the disk too.
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
