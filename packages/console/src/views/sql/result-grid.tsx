import type { AttributeValue, QueryResponse } from '@unhinged/observability-core';
import { useState, type ReactNode } from 'react';
import { formatValue } from '../../format/format.js';
import { formatRoute } from '../../routing/route.js';
import { isNumeric } from './export.js';

const STEP = 200;

/** The rows as a table, drawn `STEP` at a time: column widths then follow the contents, as virtual rows cannot. */
export function ResultGrid({ result: { columns, rows } }: { result: QueryResponse }): ReactNode {
  const [count, setCount] = useState(STEP);
  if (columns.length === 0) return <p className="muted pad">The statement returned nothing.</p>;
  return (
    <div
      className="scroll grid-scroll"
      tabIndex={0}
      role="region"
      aria-label="Result"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        if (scrollHeight - clientHeight - scrollTop < 600 && count < rows.length) setCount(count + STEP);
      }}
    >
      <table className="grid">
        <thead>
          <tr>
            {columns.map(({ name, type }, index) => (
              <th key={index} scope="col" className={isNumeric(type) ? 'number' : undefined} title={type}>
                {name} <span className="muted">{type.toLowerCase()}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, count).map((row, rowIndex) => (
            <tr key={rowIndex}>
              {row.map((value, index) => (
                <td key={index} className={isNumeric(columns[index]?.type ?? '') ? 'number' : undefined}>
                  <Cell value={value} column={columns[index]?.name ?? ''} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ value, column }: { value: AttributeValue; column: string }): ReactNode {
  if (value === null) return <span className="muted">null</span>;
  const text = formatValue(value);
  if (column === 'trace_id' && /^[0-9a-f]{32}$/.test(text))
    return <a href={formatRoute('traces', text)}>{text}</a>;
  return (
    <span className="cell" title={text.length > 60 ? text : undefined}>
      {text}
    </span>
  );
}
