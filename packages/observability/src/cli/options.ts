import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { Failure, messageOf } from './failure.js';

export const DEFAULT_DATA = '.unhinged';

/** Parser of a whole number in a range, for commander. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** Parser of an http address, without a slash at its end. */
export function httpUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
  throw new InvalidArgumentError('Expected an address such as http://127.0.0.1:4319.');
}

/** For options that may come more than once, or with several values. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Content of a JSON file that the user named. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure(2, `Cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure(2, `${file} is not JSON: ${messageOf(cause)}`, { cause });
  }
}
