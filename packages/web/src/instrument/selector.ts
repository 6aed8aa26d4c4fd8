const MAX_DEPTH = 4;
const MAX_LENGTH = 120;

/**
 * A short CSS selector that tells developers where an element is: up to the nearest id, at most four steps. No text and no
 * values of the page: those are the user's.
 */
export function selectorOf(element: Element): string {
  const steps: string[] = [];
  for (let at: Element | null = element; at && steps.length < MAX_DEPTH; at = at.parentElement) {
    const tag = at.tagName.toLowerCase();
    // The property of a form is its field of that name, where there is one.
    const id = at.getAttribute('id');
    if (id) {
      steps.unshift(`${tag}#${id}`);
      break;
    }
    const [first] = at.classList;
    steps.unshift(first === undefined ? tag : `${tag}.${first}`);
  }
  return steps.join(' > ').slice(0, MAX_LENGTH);
}
