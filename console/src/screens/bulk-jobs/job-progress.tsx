import type { ReactNode } from 'react';
import type { ApiBulkJob } from '@api/bulk-types.js';
import { dealtWith, isGoingOn } from '../../api/bulk-queries.js';
import { text } from '../../text/en.js';

const t = text.bulk;

/** How far it is: a bar of what was done, was not needed and was refused, and the same as figures. */
export function JobProgress({ job }: { readonly job: ApiBulkJob }): ReactNode {
  const { done, skipped, refused, expected_runs: expected } = job;
  const parts = [
    { name: t.done, count: done, state: 'state-completed' },
    { name: t.skippedLabel, count: skipped, state: 'state-pending' },
    { name: t.refusedLabel, count: refused, state: 'state-failed' },
  ];
  const dealt = dealtWith(job);
  const whole = Math.max(1, dealt, expected ?? 0);
  return (
    <div className="space-y-3">
      <div
        role="progressbar"
        aria-label={t.progress}
        aria-valuetext={t.of(dealt, expected)}
        aria-valuemin={0}
        aria-valuemax={whole}
        aria-valuenow={dealt}
        className={`flex h-3 overflow-hidden rounded-full bg-sunken ${expected === null && isGoingOn(job) ? 'bar-busy' : ''}`}
      >
        {parts.map(({ name, count, state }) => (
          <div key={name} className={`state ${state} bg-(--state)`} style={{ width: `${(count / whole) * 100}%` }} />
        ))}
      </div>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        {parts.map(({ name, count, state }) => (
          <div key={name} className="flex items-center gap-2">
            <span aria-hidden className={`state ${state} size-2.5 rounded-full bg-(--state)`} />
            <dt className="text-sm text-soft">{name}</dt>
            <dd className="font-medium tabular-nums">{count.toLocaleString()}</dd>
          </div>
        ))}
        <div className="ml-auto text-sm text-soft tabular-nums">
          <dt className="sr-only">{t.progress}</dt>
          <dd>{t.of(dealt, expected)}</dd>
        </div>
      </dl>
      {skipped > 0 && (
        <p className="text-sm text-soft">
          {t.skippedLabel}: {t.skippedAbout}.
        </p>
      )}
    </div>
  );
}
