import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ActionForm } from '../run/actions/action-form.js';

/** Asks before something is done that cannot be undone, and says what comes of it; closes once it is done. */
export function ConfirmDialog({
  title,
  effect,
  confirm,
  look = 'danger',
  act,
  onClose,
  children,
}: {
  readonly title: string;
  readonly effect: string;
  readonly confirm: string;
  readonly look?: 'main' | 'danger';
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
  /** What more there is to say of what comes of it. */
  readonly children?: ReactNode;
}): ReactNode {
  const { mutate, isPending, error } = useMutation({ mutationFn: act, onSuccess: onClose });
  return (
    <ActionForm
      title={title}
      confirm={confirm}
      look={look}
      isBusy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      <p>{effect}</p>
      {children}
    </ActionForm>
  );
}
