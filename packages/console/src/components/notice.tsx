import type { ReactNode } from 'react';
import type { ApiError } from '../api/client.js';
import { Icon } from './icon.js';

export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function ErrorNotice({ error }: { error: ApiError | undefined }): ReactNode {
  if (error === undefined) return null;
  return (
    <div className="notice notice-error" role="alert">
      <Icon name="error" />
      <span>
        <strong>{error.code}</strong> {error.message}
      </span>
    </div>
  );
}
