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

/** What came of a way to the company's identity provider; taken out of the address, too. */
function takeRefusal(): string | null {
  const address = new URL(location.href);
  const code = address.searchParams.get('sign_in');
  if (code === null) return null;
  address.searchParams.delete('sign_in');
  history.replaceState(null, '', address);
  return Object.hasOwn(t.refused, code) ? t.refused[code as keyof typeof t.refused] : null;
}

const refusalOnArrival = takeRefusal();

/** Whose identity provider signs people in; null where there is none. */
const company = document.querySelector<HTMLMetaElement>('meta[name="errand-company"]')?.content ?? null;

export function SignIn(): ReactNode {
  const queries = useQueryClient();
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
  const said = error !== null ? messageOf(error) : isPending ? null : refusalOnArrival;
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-4 p-6">
      <h1 className="mb-2 text-2xl">{t.title}</h1>
      {said !== null && <Notice kind="failed">{said}</Notice>}
      {company !== null && <CompanySignIn name={company} />}
      <KeyForm isBusy={isPending} onSubmit={(key) => mutate({ key })} />
    </main>
  );
}

function CompanySignIn({ name }: { readonly name: string }): ReactNode {
  return (
    <section aria-label={t.company(name)} className="rounded-lg border border-line bg-panel p-5">
      <a
        href={`${consoleUrl}/session/company`}
        className="plain inline-flex min-h-9 items-center rounded-md bg-accent px-3.5 py-1.5 text-sm font-medium text-on-accent hover:brightness-110"
      >
        {t.company(name)}
      </a>
      <p className="mt-3 text-sm text-soft">{t.companyAbout}</p>
    </section>
  );
}

function KeyForm({
  isBusy,
  onSubmit,
}: {
  readonly isBusy: boolean;
  readonly onSubmit: (key: string) => void;
}): ReactNode {
  const [key, setKey] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit(key);
  };
  return (
    <form onSubmit={submit} className="rounded-lg border border-line bg-panel p-5">
      <label htmlFor="key" className="mb-1 block font-medium">
        {t.key}
      </label>
      <input
        id="key"
        type="password"
        required
        autoFocus={company === null}
        autoComplete="current-password"
        spellCheck={false}
        maxLength={200}
        value={key}
        onChange={(event) => setKey(event.target.value)}
        className="mb-4 w-full rounded-md border border-edge bg-panel px-3 py-2 font-mono text-sm"
      />
      <Button type="submit" look={company === null ? 'main' : 'plain'} disabled={isBusy}>
        {isBusy ? t.busy : t.button}
      </Button>
      <p className="mt-5 text-sm text-soft">{t.where}</p>
      <p className="mt-2 text-sm text-soft">{t.safe}</p>
    </form>
  );
}
