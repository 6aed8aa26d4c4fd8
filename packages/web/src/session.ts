const KEY = 'unhinged.session.id';

/** Where the id survives a reload; `sessionStorage`, or anything like it. */
export type SessionStore = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * Id of the tab's session: 32 random hex digits, kept across reloads. Where storage is forbidden (private mode, sandboxed
 * frame, full disk) the id lives as long as the page.
 */
export function sessionId(store: SessionStore | undefined = pageStore()): string {
  try {
    const kept = store?.getItem(KEY);
    if (kept && /^[0-9a-f]{32}$/.test(kept)) return kept;
  } catch {
    // Reading can be forbidden while the object is there.
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  try {
    store?.setItem(KEY, id);
  } catch {
    // The id then lives as long as the page.
  }
  return id;
}

function pageStore(): SessionStore | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
