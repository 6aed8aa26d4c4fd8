import type { AlertView } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { formatRoute } from '../routing/route.js';
import { Icon } from './icon.js';

export function AlertBanner({ firing }: { firing: readonly AlertView[] }): ReactNode {
  const first = firing[0];
  if (first === undefined) return null;
  const summary = first.annotations['summary'] ?? first.name;
  return (
    <a className="alert-banner" href={formatRoute('alerts')} role="status" data-testid="alert-banner">
      <Icon name="alerts" />
      <strong>{firing.length === 1 ? 'Firing' : `${firing.length} firing`}</strong>
      <span className="ellipsis">{summary}</span>
      <span className="alert-banner-more">Show</span>
    </a>
  );
}
