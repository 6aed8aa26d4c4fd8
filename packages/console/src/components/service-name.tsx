import type { ReactNode } from 'react';
import { serviceClass } from './service-palette.js';

/** A service with its colour. The name is always there: colour alone says nothing. */
export function ServiceName({ service }: { service: string }): ReactNode {
  return (
    <span className={`service-name ${serviceClass(service)}`}>
      <span className="service-dot" />
      {service}
    </span>
  );
}

export function TierBadge({ tier }: { tier: string }): ReactNode {
  return <span className={`badge tier-${tier}`}>{tier}</span>;
}
