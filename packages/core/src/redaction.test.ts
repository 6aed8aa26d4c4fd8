import { redactAttributes } from './redact-attributes.js';
import { Redaction, resolveRedaction, type Redact } from './redaction.js';
import { SafePass } from './safe-pass.js';

function redacted(value: unknown, redact?: Redact): unknown {
  return new SafePass({ redaction: new Redaction(redact) }).top(value);
}

const X = '[Redacted]';

test('the obvious secrets, wherever they stand and however they are written', () => {
  const given = {
    headers: { Authorization: 'Bearer x', 'Set-Cookie': ['a=b'], accept: '*/*' },
    list: [{ apiKey: 'k', tokens: 3 }],
    'user.password': 'p',
    password: '',
    token: null,
  };
  const before = structuredClone(given);
  expect(redacted(given)).toEqual({
    headers: { Authorization: X, 'Set-Cookie': X, accept: '*/*' },
    list: [{ apiKey: X, tokens: 3 }],
    'user.password': X,
    // What is not there is no secret.
    password: '',
    token: null,
  });
  expect(given).toEqual(before);
});

test('a path is from the top; * is one key, ** any number', () => {
  const value = {
    user: { a: { card: 1 }, card: 2 },
    deep: { x: { y: { card: 3, iban: 4 } } },
    users: [{ iban: 5 }],
  };
  expect(redacted(value, ['user.*.card', '**.y.iban', 'users[*].iban'])).toEqual({
    user: { a: { card: X }, card: 2 },
    deep: { x: { y: { card: 3, iban: X } } },
    users: [{ iban: X }],
  });
  expect(redacted(value, ['deep.**.card'])).toMatchObject({
    user: { card: 2 },
    deep: { x: { y: { card: X } } },
  });
  expect(redacted(value, ['card'])).toMatchObject({ user: { a: { card: X }, card: X } });
  expect(redacted(value, ['*'])).toEqual({ user: X, deep: X, users: X });
});

test('keys with dots are paths too', () => {
  expect(redacted({ 'user.card': 1, 'user.name': 2 }, ['user.card'])).toEqual({
    'user.card': X,
    'user.name': 2,
  });
});

test('false takes everything out; without defaults only what is named', () => {
  expect(redacted({ password: 'p' }, false)).toEqual({ password: 'p' });
  expect(redacted({ password: 'p', a: 1 }, { paths: ['a'], defaults: false })).toEqual({
    password: 'p',
    a: X,
  });
});

test('a censor is given value and path; broken, it lets nothing through', () => {
  const censor = (value: unknown, path: readonly string[]) => `${path.join('/')}=${String(value).length}`;
  const value = { user: { list: [{ email: 'a@b' }] }, email: 'abc' };
  expect(redacted(value, { paths: ['email'], censor })).toEqual({
    user: { list: [{ email: 'user/list/0/email=3' }] },
    email: 'email=3',
  });
  expect(redacted(value, { paths: ['email'], censor: () => undefined })).toEqual({ user: { list: [{}] } });
  const broken = () => {
    throw new Error('no');
  };
  expect(redacted(value, { paths: ['email'], censor: broken })).toMatchObject({ email: X });
});

test('keys that are data do not make it forget or grow', () => {
  const redaction = new Redaction();
  for (let index = 0; index < 5_000; index++)
    expect(redaction.key(`id-${index.toString()}`).secret).toBe(false);
  expect(redaction.key('password').secret).toBe(true);
});

test('LOG_REDACT adds paths; none takes the defaults out', () => {
  expect(resolveRedaction(['a'], ' b , c.d ').isSecretName('b')).toBe(true);
  expect(resolveRedaction(['a'], 'b').isSecretName('a')).toBe(true);
  expect(resolveRedaction(undefined, 'b').isSecretName('password')).toBe(true);
  expect(resolveRedaction(undefined, 'none,b').isSecretName('password')).toBe(false);
});

test.each([
  ['a..b', 'its name 2 is empty'],
  ['', 'its name 1 is empty'],
  [5, 'is a number'],
])('a bad path is named: %p', (path, message) => {
  expect(() => new Redaction([path as string])).toThrow(message);
});

describe('attributes on their way out', () => {
  test('without secrets are the same object', () => {
    const attributes = { 'http.route': '/a', 'url.full': 'https://h/a?b=c', n: 1 };
    expect(redactAttributes(attributes)).toBe(attributes);
  });

  test('headers, credentials and query parameters', () => {
    const attributes = Object.freeze({
      'http.request.header.authorization': ['Bearer x'],
      'url.full': 'https://me:pw@host/p?q=1&access_token=abc&X-Amz-Signature=s#f',
      'url.query': 'api%5Fkey=1&page=2',
      'http.target': '/p?token=t',
    });
    expect(redactAttributes(attributes)).toEqual({
      'http.request.header.authorization': X,
      'url.full': 'https://REDACTED:REDACTED@host/p?q=1&access_token=REDACTED&X-Amz-Signature=REDACTED#f',
      'url.query': 'api%5Fkey=REDACTED&page=2',
      'http.target': '/p?token=REDACTED',
    });
  });
});
