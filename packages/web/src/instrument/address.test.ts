import fc from 'fast-check';
import { addressOf } from './address.js';

const truth = (target: string) => {
  const url = new URL(target, document.baseURI);
  if (!url.protocol.startsWith('http')) return undefined;
  url.hash = '';
  return {
    href: url.href,
    server: { hostname: url.hostname, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) },
  };
};

const part = fc.constantFrom(
  ...[
    'a',
    'Z',
    '7',
    '/',
    '//',
    '.',
    '..',
    '%2E',
    '%41',
    '?',
    '#',
    '&',
    '=',
    "'",
    '"',
    '<',
    '|',
    '\\',
    ' ',
    '\t',
    'é',
    ':',
    '@',
    ';',
  ],
);
const start = fc.constantFrom(
  ...[
    '',
    '/',
    '//',
    'http://',
    'https://',
    'HTTP://',
    'http://a.example',
    'http://a.example:80',
    'https://a.example:443',
    'https://A.example:8443',
  ],
  ...[
    'http://127.0.0.1:80',
    'http://0x7f.1',
    'http://u:p@a.example',
    'ws://a.example',
    'data:,',
    'http://[::1]:3000',
    'http://a_b.example',
  ],
);

test('an address is what the URL parser says, also when it is not asked', () => {
  for (const origin of [
    'http://a.example',
    'https://a.example:8443',
    'http://127.0.0.1',
    'http://localhost',
  ]) {
    addressOf(`${origin}/`);
  }
  fc.assert(
    fc.property(start, fc.array(part, { maxLength: 6 }), (before, parts) => {
      const target = before + parts.join('');
      let expected;
      try {
        expected = truth(target);
      } catch {
        expect(() => addressOf(target)).toThrow();
        return;
      }
      expect([target, addressOf(target)]).toEqual([target, expected]);
    }),
    { numRuns: 1_000 },
  );
});

test('a base that moves to another origin is heeded', () => {
  const element = document.head.appendChild(document.createElement('base'));
  element.href = 'https://other.example/x/';
  expect(addressOf('/api')).toMatchObject({ href: 'https://other.example/api', server: { port: 443 } });
  element.remove();
  expect(addressOf('/api')?.href).toBe(`${location.origin}/api`);
});
