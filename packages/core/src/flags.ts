import { ObservabilityError } from './errors.js';
import { LOG_LEVELS, type LogLevel } from './severity.js';

/** Permission bits 0 to 7: the sum of {@link CONSOLE} 4, {@link CDC_STREAM} 2 and {@link DATA_LAKE} 1. */
export type Flags = number;
/** Flags of each level. */
export type LevelFlags = Readonly<Record<LogLevel, Flags>>;

/** C: the console of the process or browser. */
export const CONSOLE = 4;
/** D: the CDC stream. */
export const CDC_STREAM = 2;
/** L: the data lake. */
export const DATA_LAKE = 1;

const bits: Readonly<Record<string, Flags>> = { C: CONSOLE, D: CDC_STREAM, L: DATA_LAKE };
const bitOf = (character: string | undefined): Flags | undefined => bits[character?.toUpperCase() ?? ''];

/**
 * Reads destination flags. Accepted, in any case:
 * - letters in any order, `-` for a flag that is not set: `CDL`, `LC`, `CD-`, `--L`, `-` (none);
 * - octal: `0` to `7`;
 * - symbolic, as in chmod, relative to `base` (default none), left to right: `+D`, `-L`, `+D-L`, `+D,-L`, and `=CD` or
 *   `CD=` for exactly C and D.
 *
 * `-DL` alone could be read both ways: given a `base` it takes D and L away, as chmod would; without one there is nothing
 * to take away and it is what {@link formatFlags} writes for D and L.
 *
 * @throws ObservabilityError `bad_flags`, naming the bad character and its position, counted from 1.
 */
export function parseFlags(text: string, base?: Flags): Flags {
  return parseAt(text, base, text, 0);
}

/**
 * Reads flags for every level: any form of {@link parseFlags} for all of them, or entries such as
 * `debug=C,info=CD,error=CDL`, applied left to right. A level that no entry names keeps its flags of `base` (default none).
 *
 * @throws ObservabilityError `bad_flags`, naming the bad character or level and its position, counted from 1.
 */
export function parseLevelFlags(text: string, base?: LevelFlags): LevelFlags {
  const result: Record<LogLevel, Flags> = { ...(base ?? levelFlags(0)) };
  const based = new Set<LogLevel>(base ? LOG_LEVELS : []);
  const set = (level: LogLevel, part: string, offset: number) => {
    result[level] = parseAt(part, based.has(level) ? result[level] : undefined, text, offset);
    based.add(level);
  };
  let offset = 0;
  for (const entry of text.split(',')) {
    const named = /^\s*([a-z]{2,})\s*=/i.exec(entry);
    if (named && !/^[cdl]+$/i.test(named[1] ?? '')) {
      const name = named[1] ?? '';
      const level = LOG_LEVELS.find((known) => known === name.toLowerCase());
      if (!level) {
        const at = offset + entry.indexOf(name) + 1;
        throw bad(text, `no level is called "${name}" (position ${at}); levels are ${LOG_LEVELS.join(', ')}`);
      }
      set(level, entry.slice(named[0].length), offset + named[0].length);
    } else {
      for (const level of LOG_LEVELS) set(level, entry, offset);
    }
    offset += entry.length + 1;
  }
  return result;
}

/** Canonical form, three characters: `CDL`, `CD-`, `--L`, `---`. `parseFlags(formatFlags(f))` is `f`. */
export function formatFlags(flags: Flags): string {
  return (flags & CONSOLE ? 'C' : '-') + (flags & CDC_STREAM ? 'D' : '-') + (flags & DATA_LAKE ? 'L' : '-');
}

/** `CD-` when all levels agree, else `trace=---,debug=C--,…`. `parseLevelFlags` reads it back. */
export function formatLevelFlags(flags: LevelFlags): string {
  const first = flags.trace;
  if (LOG_LEVELS.every((level) => flags[level] === first)) return formatFlags(first);
  return LOG_LEVELS.map((level) => `${level}=${formatFlags(flags[level])}`).join(',');
}

/** The same flags for every level. */
export function levelFlags(flags: Flags): LevelFlags {
  return { trace: flags, debug: flags, info: flags, warn: flags, error: flags, fatal: flags };
}

const byEnvironment: Readonly<Record<string, Flags>> = {
  development: CONSOLE,
  test: CONSOLE,
  staging: CONSOLE | CDC_STREAM,
  production: CONSOLE | CDC_STREAM | DATA_LAKE,
  analytics: DATA_LAKE,
};

/** Development and test C, staging CD, production CDL, analytics L; any other name, or none, as development. */
export function defaultFlags(environment: string | undefined): Flags {
  const name = environment?.trim().toLowerCase() ?? '';
  return Object.hasOwn(byEnvironment, name) ? (byEnvironment[name] ?? CONSOLE) : CONSOLE;
}

/** `part` begins at `offset` of `whole`, so that positions in errors are those the user sees. */
function parseAt(part: string, base: Flags | undefined, whole: string, offset: number): Flags {
  const text = part.trim();
  const start = offset + part.length - part.trimStart().length;
  if (text === '') {
    throw bad(whole, `flags are missing at position ${start + 1}; write --- for no destination`);
  }
  if (/^[0-7]$/.test(text)) return Number(text);
  if (isSymbolic(text, base !== undefined)) return parseSymbolic(text, base ?? 0, whole, start);
  let flags = 0;
  for (const [index, character] of Array.from(text).entries()) {
    if (character === '-') continue;
    const bit = bitOf(character);
    if (bit === undefined) throw badCharacter(whole, character, start + index);
    flags |= bit;
  }
  return flags;
}

function isSymbolic(text: string, hasBase: boolean): boolean {
  if (/^[+=]/.test(text) || /^[cdl]+=/i.test(text)) return true;
  if (!text.startsWith('-') || /^-+$/.test(text)) return false;
  const inPlace = /^-[d-][l-]$/i.test(text);
  return !inPlace || (hasBase && /^-dl$/i.test(text));
}

function parseSymbolic(text: string, base: Flags, whole: string, start: number): Flags {
  const exact = /^([cdl]+)=$/i.exec(text);
  let flags = base;
  let operator = exact ? '=' : '';
  let letters = 0;
  const characters = Array.from(exact ? `=${exact[1] ?? ''}` : text);
  for (const [index, character] of characters.entries()) {
    if (character === '+' || character === '-' || character === '=') {
      if (operator !== '' && letters === 0 && operator !== '=')
        throw badCharacter(whole, character, start + index);
      operator = character;
      letters = 0;
      if (operator === '=') flags = 0;
      continue;
    }
    if (character === ',' && (letters > 0 || operator === '=')) {
      operator = '';
      letters = 0;
      continue;
    }
    const bit = bitOf(character);
    if (bit === undefined || operator === '') throw badCharacter(whole, character, start + index);
    flags = operator === '-' ? flags & ~bit : flags | bit;
    letters++;
  }
  if (operator !== '=' && letters === 0) {
    const end = start + characters.length;
    throw bad(whole, `"${text.at(-1) ?? ''}" at position ${end} names no flag; follow it with C, D or L`);
  }
  return flags;
}

const badCharacter = (whole: string, character: string, index: number) =>
  bad(whole, `unexpected "${character}" at position ${index + 1}`);

const bad = (whole: string, what: string) =>
  new ObservabilityError(
    'bad_flags',
    `Bad destination flags "${whole}": ${what}. Write letters of C (console), D (CDC stream), L (data lake) such as CD-, ` +
      'an octal digit 0-7, a change such as +D or -L, or levels such as debug=C,error=CDL.',
  );
