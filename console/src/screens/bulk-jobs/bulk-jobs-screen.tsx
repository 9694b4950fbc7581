import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiBulkJob } from '@api/bulk-types.js';
import { bulkJobsQuery, dealtWith } from '../../api/bulk-queries.js';
import { messageOf } from '../../api/client.js';
import { Moment } from '../../design/moment.js';
import { Notice } from '../../design/notice.js';
import { Cell, Row, Table } from '../../design/table.js';
import { Heading } from '../../design/heading.js';
import { text } from '../../text/en.js';
import { JobStatus } from './job-status.js';

const t = text.bulk;

/** The latest jobs of the organization, newest first. */
export function BulkJobsScreen(): ReactNode {
  const { data: jobs, error } = useQuery(bulkJobsQuery);
  return (
    <div className="space-y-3">
      <Heading title={t.title} />
      <p className="text-sm text-soft">{t.intro}</p>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {jobs === undefined && error === null && <div className="skeleton h-40" />}
      {jobs?.length === 0 && (
        <p className="rounded-lg border border-line bg-panel p-6">
          {t.none} <Link to="/runs">{t.toRuns}</Link>
        </p>
      )}
      {jobs !== undefined && jobs.length > 0 && (
        <div className="overflow-hidden rounded-lg border border-line bg-panel">
          <Table label={t.title} columns={t.columns}>
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </Table>
        </div>
      )}
    </div>
  );
}

function JobRow({ job }: { readonly job: ApiBulkJob }): ReactNode {
  return (
    <Row>
      <Cell>
        <Link to="/bulk-jobs/$jobId" params={{ jobId: job.id }} data-open>
          {t.jobOf(job.action, job.expected_runs)}
        </Link>
      </Cell>
      <Cell>
        <JobStatus status={job.status} />
      </Cell>
      <Cell numeric>{t.of(dealtWith(job), job.expected_runs)}</Cell>
      <Cell>
        <Moment at={job.created_at} relative />
      </Cell>
    </Row>
  );
}
