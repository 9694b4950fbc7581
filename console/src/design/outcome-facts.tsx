import type { ReactNode } from 'react';
import type { ApiTrendSpan } from '@api/overview-types.js';
import { text } from '../text/en.js';
import { Fact } from './panel.js';
import { StatusIcon } from './status.js';

const t = text.outcomes;
const OTHERS = ['partial_complete', 'failed', 'cancelled'] as const;

/** How many runs ended how. */
export type Outcomes = Pick<ApiTrendSpan, 'ended' | 'completed' | (typeof OTHERS)[number]>;

/** How many of the runs that ended have completed, and what became of the others, for a `<dl>`. */
export function OutcomeFacts({ outcomes }: { readonly outcomes: Outcomes }): ReactNode {
  const { ended, completed } = outcomes;
  const others = OTHERS.filter((status) => outcomes[status] > 0);
  return (
    <>
      <Fact name={t.completed}>
        {ended === 0 ? '–' : `${shareOf(outcomes)} % `}
        {ended > 0 && <span className="text-soft">{t.of(completed, ended)}</span>}
      </Fact>
      {others.length > 0 && (
        <Fact name={t.others}>
          <span className="flex flex-wrap gap-x-3">
            {others.map((status) => (
              <span key={status} className={`state state-${status} inline-flex items-center gap-1 whitespace-nowrap`}>
                <span className="text-(--state)">
                  <StatusIcon status={status} />
                </span>
                {t.other[status](outcomes[status])}
              </span>
            ))}
          </span>
        </Fact>
      )}
    </>
  );
}

/** Never rounded up to all of them, nor down to none. */
function shareOf({ ended, completed }: Outcomes): number {
  const share = (completed / ended) * 100;
  if (share > 99 && share < 100) return Math.floor(share * 10) / 10;
  return share > 0 && share < 1 ? Math.ceil(share * 10) / 10 : Math.round(share);
}
