import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { bulkJobsQuery, dealtWith, isGoingOn } from '../../../api/bulk-queries.js';
import { Notice } from '../../../design/notice.js';
import { text } from '../../../text/en.js';

const t = text.bulk;
const MAX_SHOWN = 3;

/** Jobs that go on, so that whoever has left one finds it again. */
export function RunningJobs(): ReactNode {
  const { data: jobs = [] } = useQuery(bulkJobsQuery);
  const running = jobs.filter(isGoingOn);
  if (running.length === 0) return null;
  return (
    <Notice kind="running">
      <ul className="space-y-0.5 text-sm">
        {running.slice(0, MAX_SHOWN).map((job) => (
          <li key={job.id} className="tabular-nums">
            {t.jobOf(job.action, job.expected_runs)}: {t.of(dealtWith(job), job.expected_runs)}.{' '}
            <Link to="/bulk-jobs/$jobId" params={{ jobId: job.id }} className="plain font-medium underline">
              {t.open}
            </Link>
          </li>
        ))}
      </ul>
    </Notice>
  );
}
