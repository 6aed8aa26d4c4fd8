import { LogEvent } from '@unhinged/observability-proto';
import { EVENT_TYPE } from '@unhinged/observability-core';
import type { SourceMapStore } from './source-map-store.js';
import { ATTR_DEBUG_IDS, resolveStack } from './resolve-stack.js';

/** Metadata of a line whose stack was resolved: the stack as it came. */
export const ATTR_RAW_STACK = 'unhinged.exception.raw_stacktrace';

const MARK = Buffer.from(ATTR_DEBUG_IDS);

interface LakeInput {
  sequence: number;
  eventType: string;
  value: Uint8Array;
}

/**
 * Events as the lake gets them: the stacks of error lines resolved where their maps are there by now. Lines without debug ids, which
 * are nearly all, are passed on untouched and unread.
 */
export async function resolveForLake(
  inputs: readonly LakeInput[],
  maps: SourceMapStore,
): Promise<readonly LakeInput[]> {
  if (!inputs.some(isMarked)) return inputs;
  return Promise.all(inputs.map(async (input) => (isMarked(input) ? resolved(input, maps) : input)));
}

function isMarked({ eventType, value }: LakeInput): boolean {
  if (eventType !== EVENT_TYPE.log) return false;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(MARK);
}

async function resolved(input: LakeInput, maps: SourceMapStore): Promise<LakeInput> {
  const event = LogEvent.decode(input.value);
  const ids: unknown = event.metadata?.[ATTR_DEBUG_IDS];
  if (!event.error || !Array.isArray(ids)) return input;
  const { stack } = event.error;
  const better = await resolveStack(stack, ids, (id) => maps.get(id));
  if (better === undefined) return input;
  event.error.stack = better;
  event.metadata = { ...event.metadata, [ATTR_RAW_STACK]: stack };
  return { ...input, value: LogEvent.encode(event).finish() };
}
