import { defaultRedaction, REDACTED, type KeyRedaction } from './key-redaction.js';

/** As in the semantic conventions for `url.full`: brackets would have to be escaped there. */
const REDACTED_IN_URL = 'REDACTED';

/** Query parameters that are signatures of a request, beside the names that are secrets anywhere (semantic conventions, `url.query`). */
const SIGNATURES: readonly string[] = [
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
  'x-amz-signature',
];

const URL_ATTRIBUTES: readonly string[] = ['url.full', 'url.query', 'url.path', 'http.url', 'http.target'];

/**
 * Attributes of a span or a metric without secrets, on their way out: values whose key, or its last part
 * (`http.request.header.authorization`), is a secret, and in URLs user, password, and query parameters that are. Gives back
 * the same object when there is nothing to redact. Never changes what it is given, never throws.
 */
export function redactAttributes<T extends object>(
  attributes: T,
  redaction: KeyRedaction = defaultRedaction(),
): T {
  let redacted: Record<string, unknown> | undefined;
  for (const key in attributes) {
    const value: unknown = attributes[key];
    const better = redactedValue(key, value, redaction);
    if (better !== value) (redacted ??= { ...attributes } as Record<string, unknown>)[key] = better;
  }
  return (redacted as T | undefined) ?? attributes;
}

function redactedValue(key: string, value: unknown, redaction: KeyRedaction): unknown {
  if (typeof value === 'string' && URL_ATTRIBUTES.includes(key)) return redactUrl(key, value, redaction);
  const { paths, censor } = redaction;
  if (!redaction.key(key).secret && paths?.step(key)?.ends !== true) return value;
  try {
    return censor ? (censor(value, [key]) ?? REDACTED) : REDACTED;
  } catch {
    return REDACTED;
  }
}

function redactUrl(key: string, url: string, redaction: KeyRedaction): string {
  const named = url.replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#@]*@/i, `$1${REDACTED_IN_URL}:${REDACTED_IN_URL}@`);
  const start = key === 'url.query' ? 0 : named.indexOf('?') + 1;
  if (start === 0 && key !== 'url.query') return named;
  const query = named
    .slice(start)
    .replaceAll(/([^&;=#?]+)=([^&;#]+)/g, (pair, name: string) =>
      isSecretParameter(name, redaction) ? `${name}=${REDACTED_IN_URL}` : pair,
    );
  return named.slice(0, start) + query;
}

function isSecretParameter(name: string, redaction: KeyRedaction): boolean {
  let plain = name;
  try {
    plain = decodeURIComponent(name);
  } catch {
    // Then it is what it says.
  }
  return SIGNATURES.includes(plain.toLowerCase()) || redaction.isSecretName(plain);
}
