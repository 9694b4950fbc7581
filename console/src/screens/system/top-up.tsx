import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { ApiOrganization } from '@api/api-types.js';
import { topUpCredits } from '@api/endpoints/organizations.js';
import { client } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { Field } from '../../design/field.js';
import { text } from '../../text/en.js';
import { ActionForm } from '../run/actions/action-form.js';

const t = text.system.topUp;
const MAX_REASON = 200;

/** Gives an organization credits beyond those of its month, once it is said how many and why. */
export function TopUp({ organization }: { readonly organization: ApiOrganization }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-label={t.buttonOf(organization.name)}>
        {t.button}
      </Button>
      {isOpen && <TopUpDialog organization={organization} onClose={() => setOpen(false)} />}
    </>
  );
}

function TopUpDialog({
  organization: { slug, name },
  onClose,
}: {
  readonly organization: ApiOrganization;
  readonly onClose: () => void;
}): ReactNode {
  const queries = useQueryClient();
  const [credits, setCredits] = useState('');
  const [reason, setReason] = useState('');
  // However often the button is pressed, it is done once.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      client.call(topUpCredits, {
        path: { slug },
        body: { credits: Number(credits), reason, idempotency_key: idempotencyKey },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['credits'] });
      onClose();
    },
  });
  return (
    <ActionForm
      title={t.title(name)}
      confirm={t.confirm}
      isBusy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      <p>{t.body}</p>
      <Field
        label={t.credits}
        required
        type="number"
        inputMode="numeric"
        min={1}
        step={1}
        value={credits}
        onType={setCredits}
      />
      <Field label={t.reason} required maxLength={MAX_REASON} value={reason} onType={setReason} />
    </ActionForm>
  );
}
