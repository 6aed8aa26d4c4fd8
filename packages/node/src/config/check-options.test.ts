import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkOptions } from './check-options.js';

function check(options: unknown) {
  const problems: string[] = [];
  return { good: checkOptions(options, (problem) => problems.push(problem)), problems };
}

test('good options pass unchanged', () => {
  const options = { service: 'a', protocol: 'http/json', headers: { k: 'v' }, ignorePaths: ['/x'] };
  expect(check(options)).toEqual({ good: options, problems: [] });
});

test('a bad option is named, with what was expected and given, and left out', () => {
  const { good, problems } = check({ service: 'a', protocol: 'udp', endpoint: 5, sevrice: 'typo' });
  expect(good).toEqual({ service: 'a' });
  expect(problems[0]).toContain("option 'protocol' must be one of grpc, http/protobuf, http/json, got 'udp'");
  expect(problems[1]).toContain("option 'endpoint'");
  expect(problems[2]).toContain("unknown option 'sevrice'");
});

test('a getter that throws is a problem, not an exception', () => {
  const { good, problems } = check({
    service: 'a',
    get endpoint(): string {
      throw new Error('no');
    },
  });
  expect(good).toEqual({ service: 'a' });
  expect(problems).toHaveLength(1);
});

test('anything at all is survived', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (anything) => {
      checkOptions(anything, () => undefined);
      checkOptions(
        { service: anything, headers: anything, endpoint: anything, __proto__: null },
        () => undefined,
      );
    }),
  );
});
