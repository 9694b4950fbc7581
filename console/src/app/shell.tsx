import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouter } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { hasScope } from '@core/tenant/principal.js';
import { changeSession } from '../api/queries.js';
import { signOut } from '../api/session.js';
import { chooseTimeZone, TIME_ZONES, useTimeZone, type TimeZone } from '../format/time-zone.js';
import { text } from '../text/en.js';
import { useSession } from './session-context.js';
import { Shortcuts } from './shortcuts.js';
import { chooseTheme, readTheme, THEMES, type Theme } from './theme.js';

const t = text.nav;
const SCREENS = [
  { to: '/', label: t.overview },
  { to: '/runs', label: t.runs },
  { to: '/workflows', label: t.workflows },
  { to: '/connect', label: t.connect },
  { to: '/organization', label: t.organization },
] as const;
/** For operators alone. */
const SYSTEM = { to: '/system', label: t.system } as const;

/** What is around every screen. */
export function Shell(): ReactNode {
  useFocusOnScreens();
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="plain sr-only focus:not-sr-only focus:absolute focus:m-2 focus:rounded focus:bg-panel focus:p-2"
        onClick={focusContent}
      >
        {t.skip}
      </a>
      <header className="border-b border-line bg-panel">
        <div className="mx-auto flex max-w-[110rem] flex-wrap items-center gap-x-5 gap-y-1 px-4 py-2">
          <span className="font-semibold">{text.product}</span>
          <Screens />
          <Account />
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto w-full max-w-[110rem] flex-1 p-3 outline-none sm:p-4">
        <Outlet />
      </main>
      <Shortcuts />
    </div>
  );
}

/** Where what had the focus is gone with its screen, the next screen has it. */
function useFocusOnScreens(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        if (fromLocation !== undefined && pathChanged && document.activeElement === document.body)
          document.getElementById('content')?.focus({ preventScroll: true });
      }),
    [router],
  );
}

/** The page has a base address, to which a link to a part of it would lead. */
function focusContent(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Screens(): ReactNode {
  const session = useSession();
  const screens = hasScope(session, 'operate') ? [...SCREENS, SYSTEM] : SCREENS;
  return (
    <nav aria-label={t.label} className="flex flex-wrap gap-x-1 max-md:order-last max-md:-mx-2 max-md:w-full">
      {screens.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          className="plain rounded-md px-2.5 py-1 text-sm font-medium text-soft hover:bg-sunken"
          activeOptions={{ exact: to === '/' }}
          activeProps={{ className: 'bg-sunken text-ink' }}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

function Account(): ReactNode {
  const session = useSession();
  const queries = useQueryClient();
  const leave = async (): Promise<void> => {
    await signOut();
    changeSession(queries, null);
  };
  return (
    <div className="ml-auto flex flex-wrap items-center justify-end gap-x-3 gap-y-1 text-sm max-md:gap-x-2">
      <span
        className="hidden text-soft sm:inline"
        title={session.key === null ? (session.person ?? '') : `${session.key.name} · ${session.key.hint}…`}
      >
        {session.organization.name}
      </span>
      <TimeZoneChoice />
      <ThemeChoice />
      <button type="button" className="text-link hover:underline" onClick={() => void leave()}>
        {t.signOut}
      </button>
    </div>
  );
}

const CHOICE = 'rounded-md border border-line bg-panel px-1.5 py-1 max-md:px-0';

function TimeZoneChoice(): ReactNode {
  const zone = useTimeZone();
  return (
    <select
      aria-label={t.times.label}
      value={zone}
      onChange={(event) => chooseTimeZone(event.target.value as TimeZone)}
      className={`max-w-28 max-md:max-w-[5.75rem] ${CHOICE}`}
    >
      {TIME_ZONES.map((each) => (
        <option key={each} value={each}>
          {t.times[each]}
        </option>
      ))}
    </select>
  );
}

function ThemeChoice(): ReactNode {
  const [theme, setTheme] = useState(readTheme);
  const choose = (chosen: Theme): void => {
    chooseTheme(chosen);
    setTheme(chosen);
  };
  return (
    <select
      aria-label={t.theme.label}
      value={theme}
      onChange={(event) => choose(event.target.value as Theme)}
      className={`max-w-24 max-md:max-w-[4.75rem] ${CHOICE}`}
    >
      {THEMES.map((each) => (
        <option key={each} value={each}>
          {t.theme[each]}
        </option>
      ))}
    </select>
  );
}
