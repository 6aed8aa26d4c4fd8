import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.js';

/** The stack of an exception, whole. */
export function Stack({ text }: { text: string }): ReactNode {
  return (
    <div className="stack-trace">
      <CopyButton text={text} label="Copy the stack" />
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}
