import type { StatusResponse } from '@unhinged/observability-core';
import type { ReactNode } from 'react';
import { useResource } from '../../api/use-resource.js';
import { CopyButton } from '../../components/copy-button.js';
import { ErrorNotice } from '../../components/notice.js';
import { snippets } from './snippet-text.js';

/** Lines to paste, with the ports this bridge really listens on. */
export function Snippets(): ReactNode {
  const { data, error } = useResource<StatusResponse>('api/status');
  if (data === undefined) return <ErrorNotice error={error} />;
  const host = window.location.hostname;
  return (
    <div className="snippets">
      {snippets({ host, grpc: data.ports.grpc, http: data.ports.http }).map(({ name, place, text }) => (
        <figure key={name} className="snippet">
          <figcaption>
            <strong>{name}</strong> <span className="muted">{place}</span>
            <CopyButton text={text} label={`Copy the lines for ${name}`} />
          </figcaption>
          <pre tabIndex={0}>{text}</pre>
        </figure>
      ))}
    </div>
  );
}
