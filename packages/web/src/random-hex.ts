/** So many random lowercase hex digits. */
export const randomHex = (digits: number): string => make(digits, 1)[0] ?? '';

const AT_ONCE = 64;

/** The same again and again: asking the system for each costs more than the text does, and so does making digits for each. */
export function randomHexes(digits: number): () => string {
  let ready: string[] = [];
  return () => {
    if (ready.length === 0) ready = make(digits, AT_ONCE);
    return ready.pop() ?? '';
  };
}

function make(digits: number, count: number): string[] {
  const words = crypto.getRandomValues(new Uint32Array(Math.ceil((digits * count) / 8)));
  const all = Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
  return Array.from({ length: count }, (_, at) => all.slice(at * digits, (at + 1) * digits));
}
