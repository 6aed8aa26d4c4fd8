import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ObservabilityError } from '@unhinged/observability-core';
import type { TableName } from '../schema.js';
import { writeDurably } from './durable.js';

/** One commit. Its file in `commits/` is the commit point: with it everything below happened, without it nothing did. */
export interface Manifest {
  /** Number of the commit, from 1. */
  commit: number;
  /** Every input up to this sequence is in the lake, or was not for it. */
  sequence: number;
  committedAtMs: number;
  /** Rows of this commit. */
  rows: Record<TableName, number>;
  /** Rows of all commits up to this one. */
  totalRows: Record<TableName, number>;
  /** Where each file was staged and where it belongs, both relative to the lake's folder. */
  files: { from: string; to: string }[];
}

/** Older manifests say nothing that the last one does not; a few stay for people who look. */
const KEEP = 8;

/** The number of a commit as file and folder names carry it. */
export const commitName = (commit: number): string => commit.toString().padStart(20, '0');

/**
 * The last commit, or undefined before the first.
 *
 * @throws ObservabilityError `lake_corrupt` when its file is not a manifest.
 */
export async function lastManifest(commits: string): Promise<Manifest | undefined> {
  const name = (await manifestNames(commits)).at(-1);
  if (name === undefined) return undefined;
  const path = join(commits, name);
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
    if (!Number.isSafeInteger(manifest.commit) || !Number.isSafeInteger(manifest.sequence)) {
      throw new TypeError('commit and sequence must be whole numbers');
    }
    return manifest;
  } catch (cause) {
    throw new ObservabilityError(
      'lake_corrupt',
      `${path} is not a commit of a lake. Restore it from a copy, or remove it to go back to the commit before it.`,
      { cause },
    );
  }
}

/** Resolves when the commit is durable. */
export async function writeManifest(commits: string, manifest: Manifest): Promise<void> {
  await writeDurably(join(commits, `${commitName(manifest.commit)}.json`), `${JSON.stringify(manifest)}\n`);
}

/** Removes all but the last few, and what an interrupted write left. */
export async function pruneManifests(commits: string): Promise<void> {
  const names = await manifestNames(commits);
  for (const name of names.slice(0, -KEEP)) await rm(join(commits, name), { force: true });
  for (const name of await readdir(commits)) {
    if (name.endsWith('.tmp')) await rm(join(commits, name), { force: true });
  }
}

async function manifestNames(commits: string): Promise<string[]> {
  return (await readdir(commits)).filter((name) => /^\d{20}\.json$/.test(name)).sort();
}
