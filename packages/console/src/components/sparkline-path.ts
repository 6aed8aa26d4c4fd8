/** An SVG path through `values` in a box of `width` × `height`, from 0 at the bottom to `largest` at the top. */
export function sparklinePath(
  values: readonly number[],
  largest: number,
  width: number,
  height: number,
): string {
  return path(values, largest, width, height, () => true);
}

/** The same without the stretches where nothing is above 0: a line along the bottom would look like something. */
export function sparklinePeaks(
  values: readonly number[],
  largest: number,
  width: number,
  height: number,
): string {
  const above = (index: number): boolean => (values[index] ?? 0) > 0;
  return path(
    values,
    largest,
    width,
    height,
    (index) => above(index - 1) || above(index) || above(index + 1),
  );
}

function path(
  values: readonly number[],
  largest: number,
  width: number,
  height: number,
  isDrawn: (index: number) => boolean,
): string {
  const step = values.length === 1 ? 0 : width / (values.length - 1);
  return values
    .map((value, index) => {
      if (!isDrawn(index)) return '';
      const y = largest <= 0 ? height : height - (Math.max(0, value) / largest) * height;
      const begins = index === 0 || !isDrawn(index - 1);
      return `${begins ? 'M' : 'L'}${round(index * step)} ${round(y)}`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
