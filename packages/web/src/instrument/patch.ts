import type { Stop } from './instrument.js';

/** Puts a replacement in the place of something global. The stop puts it back, unless somebody has wrapped the replacement since. */
export function patch<T extends object, K extends keyof T>(target: T, key: K, replacement: T[K]): Stop {
  const original = target[key];
  target[key] = replacement;
  return () => {
    if (target[key] === replacement) target[key] = original;
  };
}
