import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { consoleUrl, messageOf } from '../api/client.js';
import { changeSession } from '../api/queries.js';
import { signIn } from '../api/session.js';
import { Button } from '../design/button.js';
import { Notice } from '../design/notice.js';
import { text } from '../text/en.js';

const t = text.signIn;
const LINK_PATH = `${new URL(consoleUrl).pathname}/sign-in`;

/** The token of a link that signs in once; taken out of the address, as it is a secret. */
function takeLink(): string | null {
  if (location.pathname !== LINK_PATH || location.hash.length < 2) return null;
  const token = location.hash.slice(1);
  history.replaceState(null, '', LINK_PATH);
  return token;
}

const linkOnArrival = takeLink();

export function SignIn(): ReactNode {
  const queries = useQueryClient();
  const [key, setKey] = useState('');
  const { mutate, error, isPending } = useMutation({
    mutationFn: signIn,
    onSuccess: (session) => {
      if (location.pathname === LINK_PATH) history.replaceState(null, '', `${consoleUrl}/`);
      changeSession(queries, session);
    },
  });
  useEffect(() => {
    if (linkOnArrival !== null) mutate({ link: linkOnArrival });
  }, [mutate]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutate({ key });
  };
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center p-6">
      <h1 className="mb-6 text-2xl">{t.title}</h1>
      {error !== null && (
        <div className="mb-4">
          <Notice kind="failed">{messageOf(error)}</Notice>
        </div>
      )}
      <form onSubmit={submit} className="rounded-lg border border-line bg-panel p-5">
        <label htmlFor="key" className="mb-1 block font-medium">
          {t.key}
        </label>
        <input
          id="key"
          type="password"
          required
          autoFocus
          autoComplete="current-password"
          spellCheck={false}
          maxLength={200}
          value={key}
          onChange={(event) => setKey(event.target.value)}
          className="mb-4 w-full rounded-md border border-edge bg-panel px-3 py-2 font-mono text-sm"
        />
        <Button type="submit" look="main" disabled={isPending}>
          {isPending ? t.busy : t.button}
        </Button>
        <p className="mt-5 text-sm text-soft">{t.where}</p>
        <p className="mt-2 text-sm text-soft">{t.safe}</p>
      </form>
    </main>
  );
}
