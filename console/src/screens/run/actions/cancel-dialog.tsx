import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { PAYLOAD_LIMITS } from '@core/text/payload-limits.js';
import { client } from '../../../api/client.js';
import { Field } from '../../../design/field.js';
import { text } from '../../../text/en.js';
import { ActionForm } from './action-form.js';
import type { ActionDialogProps } from './run-actions.js';

const t = text.actions.cancel;

export function CancelDialog({ run, refresh, onClose }: ActionDialogProps): ReactNode {
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
      <Field label={t.reason} value={reason} maxLength={PAYLOAD_LIMITS.takenReason} onType={setReason} />
    </ActionForm>
  );
}
