import type { ReactNode } from 'react';
import { messageOf } from '../api/client.js';
import { Notice } from './notice.js';

/** In the place of what has not come yet: its outline, or why it does not come. */
export function NotYet({ error, size }: { readonly error: unknown; readonly size: string }): ReactNode {
  return error === null ? <div className={`skeleton ${size}`} /> : <Notice kind="failed">{messageOf(error)}</Notice>;
}
