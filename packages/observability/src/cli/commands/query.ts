import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { ObservabilityError, type ErrorResponse, type QueryResponse } from '@unhinged/observability-core';
import { Failure, messageOf, toFailure } from '../failure.js';
import { formatRows, type RowFormat } from '../format.js';
import { DEFAULT_DATA, httpUrl, wholeNumber } from '../options.js';

interface QueryCommandOptions {
  data: string;
  url?: string;
  format: RowFormat;
  json?: boolean;
  maxRows: number;
  timeout: number;
}

export function queryCommand(): Command {
  return new Command('query')
    .description('Ask the lake with SQL.')
    .argument('<sql>', 'one SELECT over observability_traces, observability_logs, observability_metrics')
    .option('--data <dir>', 'folder that `unhinged up` writes to; it may be running', DEFAULT_DATA)
    .addOption(
      new Option('--url <url>', 'ask a running console instead of reading the folder').argParser(httpUrl),
    )
    .addOption(
      new Option('--format <format>', 'how to print rows').choices(['table', 'json', 'csv']).default('table'),
    )
    .option('--json', 'the same as --format json: one JSON object a row')
    .option('--max-rows <n>', 'rows at most', wholeNumber(1, 10_000), 1_000)
    .option('--timeout <seconds>', 'interrupt the query after this', wholeNumber(1, 3_600), 30)
    .addHelpText(
      'after',
      `
Parquet is written every minute, or by \`unhinged up --flush-interval\`; younger rows are not there yet.
Exit codes: 0 done, 1 the folder or the console cannot be read, 2 the query is wrong.

Examples:
  $ unhinged query "select service, count(*) as spans from observability_traces group by all"
  $ unhinged query --json "select time, message from observability_logs where level = 'error' order by time desc limit 20"
  $ unhinged query --format csv "select attributes->>'http.route' as route, avg(duration_ns) / 1e6 as ms from observability_traces group by all"
  $ unhinged query "describe observability_logs"`,
    )
    .action(query);
}

async function query(sql: string, options: QueryCommandOptions): Promise<void> {
  const answer =
    options.url === undefined ? await readFolder(sql, options) : await ask(options.url, sql, options);
  const text = formatRows(answer, options.json ? 'json' : options.format);
  if (text !== '') process.stdout.write(text);
  if (answer.truncated) {
    console.error(
      `Only the first ${options.maxRows} rows: --max-rows takes up to 10000, a limit or an aggregate helps more.`,
    );
  }
}

async function readFolder(
  sql: string,
  { data, maxRows, timeout }: QueryCommandOptions,
): Promise<QueryResponse> {
  const dir = join(resolve(data), 'lake');
  // Loaded here: --url and the other commands need no DuckDB.
  const { openLakeReader } = await import('@unhinged/observability-lake');
  try {
    const reader = await openLakeReader({ dir });
    try {
      return await reader.query(sql, { maxRows, timeoutMs: timeout * 1_000 });
    } finally {
      await reader.close();
    }
  } catch (error) {
    const { message, exitCode } = toFailure(error);
    const hint = error instanceof ObservabilityError && error.code === 'lake_not_found';
    throw new Failure(
      exitCode,
      hint ? `${message} --data names the folder that \`unhinged up\` writes to.` : message,
      {
        cause: error,
      },
    );
  }
}

async function ask(
  url: string,
  sql: string,
  { maxRows, timeout }: QueryCommandOptions,
): Promise<QueryResponse> {
  let response: Response;
  try {
    response = await fetch(`${url}/api/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sql, maxRows }),
      signal: AbortSignal.timeout(timeout * 1_000),
    });
  } catch (cause) {
    throw new Failure(1, `${url} does not answer: ${messageOf(cause)}. Is \`unhinged up\` running?`, {
      cause,
    });
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as QueryResponse;
  const error = (body as ErrorResponse | undefined)?.error;
  throw new Failure(
    error?.code === 'bad_query' ? 2 : 1,
    error?.message ?? `${url} answered ${response.status} and is not a console of Unhinged Observability.`,
  );
}
