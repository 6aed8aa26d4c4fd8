import { useCallback, useEffect, useEffectEvent, useRef } from 'react';

/** A function that calls `action` at most once every `everyMs`, the last call always being followed by one. */
export function useThrottle(action: () => void, everyMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const run = useEffectEvent(() => {
    timer.current = undefined;
    action();
  });
  const fire = useRef<() => void>(undefined);
  useEffect(() => {
    fire.current = () => {
      run();
    };
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => fire.current?.(), everyMs);
  }, [everyMs]);
}
