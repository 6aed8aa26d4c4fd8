import type { Attributes } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { formatValue } from '../format/format.js';
import { CopyButton } from './copy-button.js';

export function AttributeTable({ attributes, label }: { attributes: Attributes; label: string }): ReactNode {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return <p className="muted">none</p>;
  return (
    <table className="attributes" aria-label={label}>
      <tbody>
        {names.map((name) => {
          const text = formatValue(attributes[name] ?? null);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <span className="attribute-value">{text}</span>
                <CopyButton text={text} label={`Copy ${name}`} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
