import type { FormEvent, ReactNode } from 'react';
import { messageOf } from '../../../api/client.js';
import { Button } from '../../../design/button.js';
import { Dialog } from '../../../design/dialog.js';
import { Notice } from '../../../design/notice.js';
import { text } from '../../../text/en.js';

const t = text.actions;

/** A dialog that asks before something is done, and says what the server has to say against it. */
export function ActionForm({
  title,
  confirm,
  look = 'main',
  isBusy,
  isPossible = true,
  error,
  onConfirm,
  onClose,
  children,
}: {
  readonly title: string;
  readonly confirm: string;
  readonly look?: 'main' | 'danger';
  readonly isBusy: boolean;
  /** Whether there is anything to do. */
  readonly isPossible?: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4">
        {children}
        {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look={look} disabled={isBusy || !isPossible}>
            {isBusy ? t.busy : confirm}
          </Button>
          <Button onClick={onClose}>{t.nothing}</Button>
        </div>
      </form>
    </Dialog>
  );
}
