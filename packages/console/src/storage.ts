// Browsers refuse localStorage in some private modes and when cookies are blocked; the page works without it.

export function readStored(key: string): string | undefined {
  try {
    return window.localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    // Then the choice lasts as long as the page.
  }
}
