import { useQuery } from '@tanstack/react-query';
import { Suspense, useMemo, type ReactNode } from 'react';
import type { ApiCreditMovement, ApiCredits } from '@api/credit-types.js';
import { listCreditMovements } from '@api/endpoints/organizations.js';
import { client } from '../../api/client.js';
import { LazyChart } from '../../design/lazy-chart.js';
import { useTimeZone } from '../../format/time-zone.js';
import { text } from '../../text/en.js';

const t = text.ledger;
const ENTRIES = 1_000;
/** Fewer make no line. */
const MIN_ENTRIES = 2;

/** What was used and reserved over time, as far back in the month as the latest entries of the ledger go. */
export function LedgerChart({ credits }: { readonly credits: ApiCredits }): ReactNode {
  const zone = useTimeZone();
  const { data: movements } = useQuery({
    queryKey: ['credits', 'chart'],
    queryFn: async () => (await client.call(listCreditMovements, { query: { limit: ENTRIES } })).movements,
    refetchInterval: 30_000,
  });
  const balances = useMemo(() => toBalances(credits, movements ?? []), [credits, movements]);
  const series = useMemo(
    () => [
      { label: t.used, values: balances.map(({ used }) => used), color: 'running', look: 'steps' as const },
      { label: t.held, values: balances.map(({ held }) => held), color: 'waiting', look: 'steps' as const },
    ],
    [balances],
  );
  const places = useMemo(() => balances.map(({ at }) => at / 1_000), [balances]);
  if (balances.length < MIN_ENTRIES) return null;
  const now = { used: credits.used_this_month, held: credits.used_this_month + credits.reserved };
  const most = Math.max(...balances.map(({ held }) => held));
  return (
    <div className="border-t border-line p-4">
      <h3 className="mb-2 text-sm">{t.title}</h3>
      <Suspense fallback={<div className="skeleton h-56" />}>
        <LazyChart
          label={t.chart(now.used, now.held, most)}
          places={places}
          scale="times"
          series={series}
          format={whole}
        />
      </Suspense>
      <p className="mt-2 text-sm text-soft">
        {t.about(balances.length)} {t.times[zone]}
      </p>
    </div>
  );
}

const whole = (value: number): string => Math.round(value).toLocaleString();

interface Balance {
  readonly at: number;
  readonly used: number;
  /** With what is reserved. */
  readonly held: number;
}

/** The oldest first. Goes back from what is so now; `movements`: the newest first. */
export function toBalances(
  { used_this_month: usedNow, reserved: reservedNow }: Pick<ApiCredits, 'used_this_month' | 'reserved'>,
  movements: readonly ApiCreditMovement[],
): readonly Balance[] {
  const balances: Balance[] = [];
  let [used, reserved] = [usedNow, reservedNow];
  for (const { at, used_delta: usedBy, reserved_delta: reservedBy } of movements) {
    // Before it lies another month, in which what is used was counted from zero.
    if (used < 0 || reserved < 0) break;
    balances.push({ at: Date.parse(at), used, held: used + reserved });
    used -= usedBy;
    reserved -= reservedBy;
  }
  return balances.toReversed();
}
