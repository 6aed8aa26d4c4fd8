import type { QueryResponse } from '@unhinged/observability-core';
import { isNumeric, toCsv, toJson } from './export.js';

const result = (names: string[], rows: QueryResponse['rows']): QueryResponse => ({
  columns: names.map((name) => ({ name, type: 'VARCHAR' })),
  rows,
  truncated: false,
  elapsedMs: 1,
});

it('writes CSV that keeps quotes, commas and line ends in their fields', () => {
  const answer = result(
    ['a', 'b,c'],
    [
      ['say "hi"', 'x\ny'],
      [null, { k: 1 }],
    ],
  );
  expect(toCsv(answer)).toBe('a,"b,c"\r\n"say ""hi""","x\ny"\r\n,"{""k"":1}"');
});

it('writes JSON that loses no column, not even one of the same name', () => {
  const answer = result(['n', 'n', 'n_2'], [[1, null, 'x']]);
  expect(JSON.parse(toJson(answer))).toEqual([{ n: 1, n_2: null, n_2_2: 'x' }]);
});

it('knows which types are numbers', () => {
  expect(['BIGINT', 'DOUBLE', 'UINTEGER', 'DECIMAL(18,3)', 'HUGEINT'].every(isNumeric)).toBe(true);
  expect(['VARCHAR', 'INTERVAL', 'TIMESTAMP WITH TIME ZONE'].some(isNumeric)).toBe(false);
});
