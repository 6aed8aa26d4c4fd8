const surrogates = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;
const mend = (found: string): string => (found.length === 2 ? found : '\ufffd');

/** Bounded, and without lone surrogates, which UTF-8 cannot carry. */
export function safeText(text: string, max: number): string {
  const bounded = text.length > max ? `${text.slice(0, max)}…[Truncated]` : text;
  return /[\ud800-\udfff]/.test(bounded) ? bounded.replace(surrogates, mend) : bounded;
}

/** Up to here a loop over the characters beats a call into native code. */
const SHORT = 64;

/** Short text without lone surrogates: nothing to mend. False means: not known. */
export function isPlainText(text: string): boolean {
  const { length } = text;
  if (length > SHORT) return false;
  for (let at = 0; at < length; at++) if (text.charCodeAt(at) >= 0xd800) return false;
  return true;
}
