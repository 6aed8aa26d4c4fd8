import fc from 'fast-check';
import { parsePolicy } from '../policy.js';
import { OperationClasses, type OperationFacts } from './operation-classes.js';

const classes = new OperationClasses(
  parsePolicy({
    sampling: {
      classes: [
        { route: '/auth/*', method: 'POST', class: 'auth' },
        { route: '/shop.Payments/*', class: 'pay' },
        { name: 'orders*process', class: 'business' },
        { route: '/a.b/**/c', class: 'websocket' },
      ],
    },
  }).sampling.classes,
);

test.each<[OperationFacts, string | undefined]>([
  [{ route: '/auth/login', method: 'POST', name: 'POST /auth/login' }, 'auth'],
  [{ route: '/auth/login/:id', method: 'POST', name: '' }, 'auth'],
  [{ route: '/auth/login', method: 'GET', name: '' }, undefined],
  [{ route: '/x/auth/login', method: 'POST', name: '' }, undefined],
  [{ route: '/shop.Payments/Refund', name: 'grpc.shop.Payments/Refund' }, 'pay'],
  [{ name: 'orders.eu process' }, 'business'],
  [{ name: 'process orders' }, undefined],
  [{ route: '/a.b/x/y/c', name: '' }, 'websocket'],
  [{ route: '/aXb/x/c', name: '' }, undefined],
])('%j is of class %s', (facts, expected) => {
  expect(classes.of(facts)).toBe(expected);
});

test('a pattern fits what the regular expression of its parts fits, in time that does not explode', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 7 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }),
      (name, text) => {
        const fits = new OperationClasses([{ name, class: 'x' }]).of({ name: text }) === 'x';
        expect(fits).toBe(new RegExp(`^${name.replaceAll('*', '.*')}$`).test(text));
      },
    ),
    { numRuns: 2_000 },
  );
  const rules = new OperationClasses([{ name: '*a'.repeat(30) + '*b', class: 'x' }]);
  expect(rules.of({ name: 'a'.repeat(2_000) })).toBeUndefined();
});

test.each([
  [{ class: 'auth' }, 'sampling.classes[0].route: expected at least one of route, method and name'],
  [{ route: '/x', class: 'other' }, 'sampling.classes[0].class: expected a class that has a rate'],
  [{ route: '', class: 'auth' }, 'sampling.classes[0].route: expected a text'],
  [{ route: '/x', method: 'post', class: 'auth' }, 'sampling.classes[0].method: expected an HTTP method'],
  [{ route: '/x', clas: 'auth' }, 'sampling.classes[0].clas: unknown key'],
])('the rule %j is refused: %s', (rule, message) => {
  expect(() => parsePolicy({ sampling: { classes: [rule] } })).toThrow(message);
});
