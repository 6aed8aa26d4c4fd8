import { PALETTE_SIZE, parseOrder, ServicePalette } from './service-palette.js';

it('gives as many services as there are colours a colour of their own', () => {
  const palette = new ServicePalette([], () => undefined);
  const colors = Array.from({ length: PALETTE_SIZE }, (_, index) =>
    palette.colorOf(`service-${index.toString()}`),
  );
  expect(new Set(colors).size).toBe(PALETTE_SIZE);
  expect(palette.colorOf('service-3')).toBe(colors[3]);
  expect(palette.colorOf('one more')).toBe(colors[0]);
});

it('keeps the colours over a reload', () => {
  let stored = '[]';
  const remember = (order: readonly string[]): void => {
    stored = JSON.stringify(order);
  };
  const before = new ServicePalette(parseOrder(stored), remember);
  const colors = ['web', 'gateway'].map((name) => before.colorOf(name));
  const after = new ServicePalette(parseOrder(stored), remember);
  expect(['gateway', 'web'].map((name) => after.colorOf(name))).toEqual(colors.reverse());
});

it('starts anew when what was stored is no list of names', () => {
  expect(parseOrder(undefined)).toEqual([]);
  expect(parseOrder('{"a"')).toEqual([]);
  expect(parseOrder('{"a":1}')).toEqual([]);
  expect(parseOrder('[1,"web"]')).toEqual(['web']);
});
