import { ObservabilityError, type QueryResponse } from '@unhinged/observability-core';
import type { ApiContext } from './context.js';

const DEFAULT_ROWS = 1_000;
const MAX_ROWS = 10_000;
const TIMEOUT_MS = 30_000;

/** POST /api/query with `{ sql, maxRows? }`. */
export async function postQuery({ reader }: ApiContext, body: unknown): Promise<QueryResponse> {
  const { sql, maxRows = DEFAULT_ROWS, ...rest } = objectOf(body);
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw bad(`Unknown field ${JSON.stringify(unknown)}; known here: sql, maxRows.`);
  if (typeof sql !== 'string' || sql.trim() === '')
    throw bad('Field sql: expected the text of one SQL statement.');
  if (typeof maxRows !== 'number' || !Number.isInteger(maxRows) || maxRows < 1 || maxRows > MAX_ROWS) {
    throw bad(
      `Field maxRows: expected a whole number from 1 to ${MAX_ROWS}, got ${JSON.stringify(maxRows)}.`,
    );
  }
  return reader.query(sql, { maxRows, timeoutMs: TIMEOUT_MS });
}

function objectOf(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw bad('Expected a JSON object such as {"sql": "select 1"}.');
}

const bad = (message: string): ObservabilityError => new ObservabilityError('bad_request', message);
