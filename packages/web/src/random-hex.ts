/** Asking the system for each id costs more than the id. */
const random = new Uint32Array(128);
let used = random.length;

/** So many random lowercase hex digits. */
export function randomHex(digits: number): string {
  let text = '';
  while (text.length < digits) {
    if (used === random.length) {
      crypto.getRandomValues(random);
      used = 0;
    }
    text += (random[used++] ?? 0).toString(16).padStart(8, '0');
  }
  return text.slice(0, digits);
}
