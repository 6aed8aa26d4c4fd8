import { StatementType, type DuckDBConnection, type DuckDBPreparedStatement } from '@duckdb/node-api';
import { ObservabilityError } from '@unhinged/observability-core';

/**
 * Prepares a statement that only reads.
 *
 * @throws ObservabilityError `bad_query` for anything but one SELECT, or EXPLAIN of one; SHOW, DESCRIBE, SUMMARIZE, VALUES and
 * FROM are SELECTs to DuckDB.
 */
export async function prepareRead(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  const statement = await prepareOne(connection, sql);
  if (statement.statementType === StatementType.SELECT) return statement;
  if (statement.statementType === StatementType.EXPLAIN) {
    // EXPLAIN ANALYZE runs what it explains, so that has to be a SELECT too.
    const explained = sql.replace(/^\s*explain(\s+analyze)?\s/i, '');
    const inner = await prepareOne(connection, explained);
    if (inner.statementType === StatementType.SELECT) return statement;
  }
  throw badQuery(
    `Only queries are allowed here, and this is ${StatementType[statement.statementType]}. Write one SELECT.`,
  );
}

async function prepareOne(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  if (sql.trim() === '') throw badQuery('The query is empty. Write one SELECT.');
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count === 1) return await statements.prepare(0);
    throw badQuery(`Write one statement, not ${statements.count}.`);
  } catch (error) {
    throw error instanceof ObservabilityError ? error : badQuery(messageOf(error), error);
  }
}

export function badQuery(message: string, cause?: unknown): ObservabilityError {
  return new ObservabilityError('bad_query', message, { cause });
}

/** DuckDB's words without the layers that say only which native call failed. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Failed to \w+( \w+)*: /, '');
}
