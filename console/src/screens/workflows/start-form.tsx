import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { ApiWorkflow } from '@api/api-types.js';
import { ErrandError } from '@core/errors.js';
import type { Json } from '@core/json.js';
import { client, messageOf } from '../../api/client.js';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../app/session-context.js';
import { Notice } from '../../design/notice.js';
import { SchemaForm } from '../../design/schema-form.js';
import { text } from '../../text/en.js';

const t = text.workflows;

/** Starts a run by a form made from the workflow's input schema. */
export function StartForm({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  const session = useSession();
  const navigate = useNavigate();
  // The same for as long as the form is shown: a start whose answer was lost can be sent again.
  const [idempotencyKey, setIdempotencyKey] = useState(() => crypto.randomUUID());
  const { mutate, isPending, error } = useMutation({
    mutationFn: (input: Json) => client.startRun({ workflow_id: workflow.id, input, idempotency_key: idempotencyKey }),
    onSuccess: (run) => void navigate({ to: '/runs/$runId', params: { runId: run.run_id } }),
    onError: (failure) => {
      // What was refused is not the call that is sent next.
      if (failure instanceof ErrandError && failure.code !== 'unavailable') setIdempotencyKey(crypto.randomUUID());
    },
  });
  if (!hasScope(session, 'run')) return <p className="text-soft">{t.mayNot}</p>;
  return (
    <div className="space-y-3">
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      <SchemaForm
        schema={workflow.input_schema}
        label={t.input}
        submit={isPending ? t.starting : t.startFor(workflow.credits)}
        isBusy={isPending}
        onSubmit={mutate}
        problems={error instanceof ErrandError ? error.problems : []}
      />
    </div>
  );
}
