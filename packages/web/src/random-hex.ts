/** Asking the system for each id costs more than the id, and so does making digits for each. */
let words: string[] = [];
let used = 0;

/** So many random lowercase hex digits. */
export function randomHex(digits: number): string {
  let text = '';
  while (text.length < digits) {
    if (used === words.length) {
      words = Array.from(crypto.getRandomValues(new Uint32Array(128)), (word) =>
        word.toString(16).padStart(8, '0'),
      );
      used = 0;
    }
    text += words[used++] ?? '';
  }
  return text.slice(0, digits);
}
