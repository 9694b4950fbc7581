import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { createKey } from '@api/endpoints/organizations.js';
import { SCOPES, type Scope } from '@core/tenant/principal.js';
import { client, messageOf } from '../../api/client.js';
import { useSession } from '../../app/session-context.js';
import { Button } from '../../design/button.js';
import { CodeBlock } from '../../design/code-block.js';
import { Field } from '../../design/field.js';
import { Notice } from '../../design/notice.js';
import { text } from '../../text/en.js';

const t = text.organization.keys;

/** Makes a key, and shows it this once. */
export function NewKey({ onMade }: { readonly onMade: () => void }): ReactNode {
  const session = useSession();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(['run']);
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () => client.call(createKey, { body: { name, scopes } }),
    onSuccess: () => {
      setName('');
      onMade();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutate();
  };
  const toggle = (scope: Scope): void =>
    setScopes(scopes.includes(scope) ? scopes.filter((each) => each !== scope) : [...scopes, scope]);
  return (
    <div className="space-y-3 border-b border-line p-4">
      <form onSubmit={submit} className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <Field label={t.name} required maxLength={100} value={name} onType={setName} className="" />
        <fieldset className="flex min-w-0 flex-wrap gap-x-4 gap-y-1">
          <legend className="text-sm font-medium">{t.scopes}</legend>
          {SCOPES.filter((scope) => session.scopes.includes(scope)).map((scope) => (
            <label key={scope} className="flex items-center gap-1.5 py-1.5">
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
              {scope}
            </label>
          ))}
        </fieldset>
        <Button type="submit" disabled={isPending || scopes.length === 0}>
          {isPending ? t.making : t.make}
        </Button>
      </form>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {data !== undefined && (
        <div role="status" className="space-y-2">
          <p>{t.once}</p>
          <CodeBlock label={data.name} code={data.key} />
        </div>
      )}
    </div>
  );
}
