import fc from 'fast-check';
import { formatRoute, parseRoute, VIEWS } from './route.js';

it('reads back every address it writes', () => {
  const parameters = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
    fc.string({ minLength: 1 }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...VIEWS), fc.string(), parameters, (view, item, query) => {
      const route = parseRoute(formatRoute(view, item, query));
      expect(route.view).toBe(view);
      expect(route.item).toBe(item);
      expect(Object.entries(route.parameters)).toEqual(expect.arrayContaining(Object.entries(query)));
    }),
  );
});

it('leads to the overview when it does not understand', () => {
  expect(parseRoute('').view).toBe('overview');
  expect(parseRoute('#/nowhere/x').view).toBe('overview');
  expect(parseRoute('#/traces/%zz')).toMatchObject({ view: 'traces', item: '%zz' });
});
