/** The colour that a custom property stands for on `element` under the present theme, for a canvas, which knows none. */
export function cssColor(element: HTMLElement, property: string): string {
  const before = element.style.color;
  element.style.color = `var(${property})`;
  const { color } = getComputedStyle(element);
  element.style.color = before;
  return color;
}
