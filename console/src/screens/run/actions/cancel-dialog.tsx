import { useMutation } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { client } from '../../../api/client.js';
import { text } from '../../../text/en.js';
import { ActionForm } from './action-form.js';
import type { ActionDialogProps } from './run-actions.js';

const t = text.actions.cancel;

export function CancelDialog({ run, refresh, onClose }: ActionDialogProps): ReactNode {
  const id = useId();
  const [reason, setReason] = useState('');
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.cancelRun(run.run_id, reason === '' ? {} : { reason }),
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  return (
    <ActionForm
      title={t.title}
      confirm={t.confirm}
      look="danger"
      isBusy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      <p>{t.body}</p>
      <div>
        <label htmlFor={id} className="block text-sm font-medium">
          {t.reason}
        </label>
        <input
          id={id}
          value={reason}
          maxLength={1_000}
          onChange={(event) => setReason(event.target.value)}
          className="mt-1 w-full rounded-md border border-edge bg-panel px-3 py-1.5"
        />
      </div>
    </ActionForm>
  );
}
