import { useMutation } from '@tanstack/react-query';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { createKey } from '@api/endpoints/organizations.js';
import { SCOPES, type Scope } from '@core/tenant/principal.js';
import { client, messageOf } from '../../api/client.js';
import { useSession } from '../../app/session-context.js';
import { Button } from '../../design/button.js';
import { CodeBlock } from '../../design/code-block.js';
import { Notice } from '../../design/notice.js';
import { text } from '../../text/en.js';

const t = text.organization.keys;

/** Makes a key, and shows it this once. */
export function NewKey({ onMade }: { readonly onMade: () => void }): ReactNode {
  const session = useSession();
  const id = useId();
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
        <div>
          <label htmlFor={id} className="block text-sm font-medium">
            {t.name}
          </label>
          <input
            id={id}
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            className="rounded-md border border-edge bg-panel px-3 py-1.5"
          />
        </div>
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
