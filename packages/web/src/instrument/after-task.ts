/**
 * Calls back in a task of its own, right after the one that runs now and its microtasks. A message comes sooner than a timer, which
 * waits behind others.
 */
export function afterTask(fn: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    fn();
  };
  port2.postMessage(0);
}
