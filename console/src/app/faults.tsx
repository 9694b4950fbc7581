import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { messageOf } from '../api/client.js';
import { Button } from '../design/button.js';
import { Notice } from '../design/notice.js';
import { text } from '../text/en.js';

export function NotFound(): ReactNode {
  return (
    <p className="p-4">
      {text.common.nothingAt} <Link to="/">{text.common.toOverview}</Link>
    </p>
  );
}

export function ScreenError({ error, reset }: { readonly error: unknown; readonly reset: () => void }): ReactNode {
  return (
    <div className="space-y-3 p-4">
      <Notice kind="failed">
        {text.common.error} {messageOf(error)}
      </Notice>
      <Button onClick={reset}>{text.common.tryAgain}</Button>
    </div>
  );
}
