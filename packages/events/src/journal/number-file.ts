import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

import { syncFolder } from './folder.js';

/** Reads what {@link writeNumber} wrote; undefined when there is no such file or it does not match its checksum. */
export async function readNumber(path: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const [, digits = '', sum] = /^(\d{1,16}) ([0-9a-f]{8})\n$/.exec(text) ?? [];
  return sum !== undefined && sum === checksum(digits) ? Number(digits) : undefined;
}

/** Replaces the file as a whole; durable when resolved. One at a time for each path. */
export async function writeNumber(path: string, value: number): Promise<void> {
  const file = await open(`${path}.tmp`, 'w');
  try {
    await file.writeFile(`${value} ${checksum(value.toString())}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  await syncFolder(dirname(path));
}

const checksum = (digits: string): string => crc32(digits).toString(16).padStart(8, '0');
