import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ApiNode } from '@api/api-types.js';
import { client } from '../../../api/client.js';
import { text } from '../../../text/en.js';
import { ActionForm } from './action-form.js';
import { Effect, useCredits } from './effect.js';
import type { ActionDialogProps } from './run-actions.js';

const t = text.actions.retry;

export function RetryDialog({ run, refresh, onClose }: ActionDialogProps): ReactNode {
  const credits = useCredits(run);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.retryRun(run.run_id),
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  return (
    <ActionForm
      title={t.title}
      confirm={t.confirm}
      isBusy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      <p>{t.body}</p>
      <Effect
        again={run.nodes.filter((node) => !isKept(node))}
        kept={run.nodes.filter(isKept)}
        credits={Math.max(0, credits - run.credits_consumed)}
      />
    </ActionForm>
  );
}

/** A node that was skipped by its own condition stays so, too; one that was skipped for a failure is not told apart. */
function isKept({ status, used_fallback: usedFallback }: ApiNode): boolean {
  return status === 'completed' && !usedFallback;
}
