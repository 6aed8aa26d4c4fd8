// What the processes of the demo have in common.

/** Reads a port from the environment. Ends the process with a message when it is not one. */
export function portFrom(name: string, fallback: number): number {
  const text = process.env[name];
  const port = text === undefined || text === '' ? fallback : Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  console.error(`${name}: expected a port from 0 to 65535, got '${String(text)}'`);
  return process.exit(1);
}

/** Reads an http address from the environment, without a slash at the end. Ends the process when it is not one. */
export function addressFrom(name: string, fallback: string): string {
  const text = process.env[name];
  const address = text === undefined || text === '' ? fallback : text;
  if (/^https?:\/\//.test(address) && URL.canParse(address)) return address.replace(/\/+$/, '');
  console.error(`${name}: expected an address such as ${fallback}, got '${String(text)}'`);
  return process.exit(1);
}

const PATIENCE_MS = 5_000;

/**
 * Runs `stop` once on SIGTERM or SIGINT, and when the runner that started us has gone without a word. What still runs 5 s
 * later is cut off. Telemetry flushes by itself (startNode handles the same signals, and the end of the process).
 */
export function stopWhenAsked(stop: () => Promise<void>): void {
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    void stop().finally(() => {
      // Listening for 'disconnect' keeps the channel, and so the process, alive.
      if (process.connected) process.disconnect();
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, begin);
  if (process.channel !== undefined) process.once('disconnect', begin);
}
