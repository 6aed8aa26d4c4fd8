import type { ServiceSummary } from '@unhinged/observability-core';

const TIERS = ['web', 'gateway', 'backend'];

/** As a request travels: web, gateway, back end, then the rest; by name within a tier, so that cards stay where they are. */
export function byTier(left: ServiceSummary, right: ServiceSummary): number {
  return rank(left.tier) - rank(right.tier) || left.service.localeCompare(right.service);
}

function rank(tier: string): number {
  const index = TIERS.indexOf(tier);
  return index === -1 ? TIERS.length : index;
}
