import { ObservabilityError, type ResolveStackResponse } from '@unhinged/observability-core';
import { resolveStack } from '../source-maps/resolve-stack.js';
import type { ApiContext } from './context.js';

/** POST /api/stack with `{ stack, debugIds }`. */
export async function postStack({ sourceMaps }: ApiContext, body: unknown): Promise<ResolveStackResponse> {
  const { stack, debugIds } = (body ?? {}) as Record<string, unknown>;
  if (typeof stack !== 'string') throw bad('Field stack: expected the text of a stack.');
  if (!Array.isArray(debugIds)) throw bad('Field debugIds: expected a list, each "<debug id> <file>".');
  return { stack: (await resolveStack(stack, debugIds, (id) => sourceMaps.get(id))) ?? null };
}

const bad = (message: string): ObservabilityError => new ObservabilityError('bad_request', message);
