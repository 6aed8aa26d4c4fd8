import type { ServicePoint } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { sparklinePath, sparklinePeaks } from './sparkline-path.js';

const WIDTH = 240;
const HEIGHT = 40;

/** Requests as an area, errors as a line on the same scale. */
export function Sparkline({ points }: { points: readonly ServicePoint[] }): ReactNode {
  const requests = points.map((point) => point.requests);
  const largest = Math.max(...requests, 1);
  const line = sparklinePath(requests, largest, WIDTH, HEIGHT);
  const hasErrors = points.some(({ errors }) => errors > 0);
  const total = requests.reduce((sum, value) => sum + value, 0);
  return (
    <svg
      className="sparkline"
      viewBox={`0 -2 ${WIDTH} ${HEIGHT + 3}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${total} requests over the window, most in one step ${largest}`}
    >
      {line === '' ? null : <path className="spark-area" d={`${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />}
      <path className="spark-line" d={line} />
      {hasErrors ? (
        <path
          className="spark-errors"
          d={sparklinePeaks(
            points.map(({ errors }) => errors),
            largest,
            WIDTH,
            HEIGHT,
          )}
        />
      ) : null}
    </svg>
  );
}
