import { sessionId, type SessionStore } from './session.js';

function memory(): SessionStore & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
  };
}

test('the id survives a reload and differs between tabs', () => {
  const tab = memory();
  const id = sessionId(tab);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(sessionId(tab)).toBe(id);
  expect(sessionId(memory())).not.toBe(id);
});

test('what is not an id of ours is replaced', () => {
  const tab = memory();
  sessionId(tab);
  for (const key of tab.values.keys()) tab.values.set(key, '<script>');
  expect(sessionId(tab)).toMatch(/^[0-9a-f]{32}$/);
});

test('forbidden storage is survived', () => {
  const forbidden = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  expect(sessionId({ getItem: forbidden, setItem: forbidden })).toMatch(/^[0-9a-f]{32}$/);
});
