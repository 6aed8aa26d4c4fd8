/**
 * Listens to events, their names with spaces between, for as long as nobody calls the function it returns.
 */
export function listen(
  target: EventTarget,
  types: string,
  listener: (event: never) => void,
  options?: AddEventListenerOptions,
): () => void {
  const each = (method: 'addEventListener' | 'removeEventListener') => {
    for (const type of types.split(' ')) target[method](type, listener as EventListener, options);
  };
  each('addEventListener');
  return () => {
    each('removeEventListener');
  };
}
