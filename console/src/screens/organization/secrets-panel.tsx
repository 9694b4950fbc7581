import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { listSecrets, removeSecret, setSecret } from '@api/endpoints/secrets.js';
import type { ApiSecret } from '@api/secret-types.js';
import { client, messageOf } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { Moment } from '../../design/moment.js';
import { Field } from '../../design/field.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { Cell, Row, Table } from '../../design/table.js';
import { text } from '../../text/en.js';
import { ConfirmDialog } from './confirm-dialog.js';

const t = text.organization.secrets;
const SECRETS = ['secrets'];

/** What workflows use and nobody sees: names, where each value is, and a way to set it. */
export function SecretsPanel(): ReactNode {
  const queries = useQueryClient();
  const { data: secrets, error } = useQuery({
    queryKey: SECRETS,
    queryFn: async () => (await client.call(listSecrets)).secrets,
  });
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: SECRETS });
    void queries.invalidateQueries({ queryKey: ['workflows'] });
  };
  const [leaving, setLeaving] = useState<string | null>(null);
  return (
    <Panel title={t.title} flush>
      <SetSecret onSet={refresh} />
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {secrets === undefined && error === null && <div className="skeleton m-4 h-12" />}
      {secrets?.length === 0 && <p className="p-4 text-soft">{t.none}</p>}
      {secrets !== undefined && secrets.length > 0 && (
        <Table label={t.title} columns={t.columns}>
          {secrets.map((secret) => (
            <SecretRow key={secret.name} secret={secret} onRemove={() => setLeaving(secret.name)} />
          ))}
        </Table>
      )}
      {leaving !== null && (
        <ConfirmDialog
          title={t.sure(leaving)}
          effect={t.effect}
          confirm={t.remove}
          act={() => client.call(removeSecret, { path: { name: leaving } })}
          onClose={() => {
            setLeaving(null);
            refresh();
          }}
        />
      )}
    </Panel>
  );
}

function SecretRow({ secret, onRemove }: { readonly secret: ApiSecret; readonly onRemove: () => void }): ReactNode {
  const { name, source, updated_at: at, workflows } = secret;
  return (
    <Row>
      <Cell>
        <code>{name}</code>
      </Cell>
      <Cell>{source === null ? <span className="text-failed">{t.missing}</span> : t.sources[source]}</Cell>
      <Cell>{workflows.join(', ')}</Cell>
      <Cell>{at === null ? '–' : <Moment at={at} relative />}</Cell>
      <Cell>
        {source === 'organization' && (
          <Button onClick={onRemove} aria-label={`${t.remove} ${name}`}>
            {t.remove}
          </Button>
        )}
      </Cell>
    </Row>
  );
}

function SetSecret({ onSet }: { readonly onSet: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const { mutate, isPending, error, isSuccess } = useMutation({
    mutationFn: () => client.call(setSecret, { path: { name }, body: { value } }),
    onSuccess: () => {
      setName('');
      setValue('');
      onSet();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-3 border-b border-line p-4">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <Field
          label={t.name}
          required
          spellCheck={false}
          autoComplete="off"
          value={name}
          onType={setName}
          className="font-mono text-sm"
        />
        <Field
          label={t.value}
          type="password"
          required
          autoComplete="new-password"
          value={value}
          onType={setValue}
          className="font-mono text-sm"
        />
        <Button type="submit" disabled={isPending}>
          {isPending ? t.setting : t.set}
        </Button>
      </div>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {isSuccess && <p role="status">{t.kept}</p>}
    </form>
  );
}
