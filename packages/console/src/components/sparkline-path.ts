/** An SVG path through `values` in a box of `width` × `height`, from 0 at the bottom to `largest` at the top. */
export function sparklinePath(
  values: readonly number[],
  largest: number,
  width: number,
  height: number,
): string {
  const step = values.length === 1 ? 0 : width / (values.length - 1);
  return values
    .map((value, index) => {
      const y = largest <= 0 ? height : height - (Math.max(0, value) / largest) * height;
      return `${index === 0 ? 'M' : 'L'}${round(index * step)} ${round(y)}`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
