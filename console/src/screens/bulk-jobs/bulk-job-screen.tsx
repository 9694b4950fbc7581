import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiBulkJob } from '@api/bulk-types.js';
import { stopBulkJob } from '@api/endpoints/runs.js';
import { ErrandError } from '@core/errors.js';
import { hasScope } from '@core/tenant/principal.js';
import { bulkJobQuery, isGoingOn, toRunFilters } from '../../api/bulk-queries.js';
import { client, messageOf } from '../../api/client.js';
import { useSession } from '../../app/session-context.js';
import { Button } from '../../design/button.js';
import { Moment, Took } from '../../design/moment.js';
import { Notice } from '../../design/notice.js';
import { Fact, Panel } from '../../design/panel.js';
import { RunLink } from '../../design/run-link.js';
import { Cell, Row, Table } from '../../design/table.js';
import { shortRunId } from '../../format/format.js';
import { Heading } from '../../design/heading.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { JobProgress } from './job-progress.js';
import { JobStatus } from './job-status.js';

const t = text.bulk;

/** One job: how far it is, what it was asked for, and why runs were refused. */
export function BulkJobScreen(): ReactNode {
  const { jobId } = useParams({ from: '/bulk-jobs/$jobId' });
  const { data: job, error } = useQuery(bulkJobQuery(jobId));
  if (job === undefined) {
    const isUnknown = error instanceof ErrandError && ['not_found', 'invalid_input'].includes(error.code);
    return isUnknown ? <Notice kind="failed">{t.notFound}</Notice> : <NotYet error={error} size="h-40" />;
  }
  return (
    <div className="space-y-3">
      <Link to="/bulk-jobs" className="text-sm" data-back>
        ← {t.title}
      </Link>
      <div className="flex flex-wrap items-center gap-3">
        <Heading title={t.jobOf(job.action, job.expected_runs)} state={t.status[job.status]} />
        <JobStatus status={job.status} large />
        {isGoingOn(job) && <StopButton job={job} />}
      </div>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {job.waits_for !== null && <Notice kind="waiting">{t.waits(job.waits_for)}</Notice>}
      <Panel title={t.progress}>
        <JobProgress job={job} />
      </Panel>
      <Asked job={job} />
      {job.refusals.length > 0 && <Refusals job={job} />}
    </div>
  );
}

function StopButton({ job: { id } }: { readonly job: ApiBulkJob }): ReactNode {
  const session = useSession();
  const queries = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.call(stopBulkJob, { path: { id }, body: {} }),
    onSettled: () => queries.invalidateQueries({ queryKey: bulkJobQuery(id).queryKey }),
  });
  if (!hasScope(session, 'run')) return null;
  return (
    <>
      <Button disabled={isPending} onClick={() => mutate()} title={t.stopAbout}>
        {t.stop}
      </Button>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
    </>
  );
}

function Asked({ job }: { readonly job: ApiBulkJob }): ReactNode {
  const { filter, created_at: begun, ended_at: ended, reason } = job;
  const named = filter.run_ids.length;
  return (
    <Panel title={t.which}>
      <dl className="flex flex-wrap gap-x-6 gap-y-3">
        <Fact name={t.begun}>
          <Moment at={begun} />
        </Fact>
        <Fact name={t.took}>
          <Took from={begun} to={ended} />
        </Fact>
      </dl>
      <p className="mt-3 wrap-anywhere">
        {named > 0 ? t.namedRuns(named) : <Filter filter={filter} />}{' '}
        {named === 0 && (
          <Link to="/runs" search={toRunFilters(filter)} className="whitespace-nowrap">
            {t.show}
          </Link>
        )}
      </p>
      {reason !== null && (
        <p className="mt-2 wrap-anywhere">
          <span className="text-soft">{t.why}:</span> {reason}
        </p>
      )}
    </Panel>
  );
}

/** The filter in words; its statuses are always said. */
function Filter({ filter }: { readonly filter: ApiBulkJob['filter'] }): ReactNode {
  const { status, workflow_id: workflow, tags, fields, created_from: from, created_before: to } = filter;
  const r = text.runs;
  const said = [
    status.map((each) => text.status[each]).join(', '),
    ...(workflow === null ? [] : [`${r.workflow}: ${workflow}`]),
    ...(tags.length === 0 ? [] : [`${r.tag}: ${tags.join(', ')}`]),
    ...Object.entries(fields).map((field) => field.join('=')),
  ];
  const times = [
    [r.from.local, from],
    [r.to.local, to],
  ] as const;
  return (
    <>
      {said.join(' · ')}
      {times.map(
        ([name, at]) =>
          at !== null && (
            <span key={name}>
              {' '}
              · {name}: <Moment at={at} />
            </span>
          ),
      )}
    </>
  );
}

function Refusals({ job: { refusals, refused } }: { readonly job: ApiBulkJob }): ReactNode {
  return (
    <Panel
      title={t.refusals}
      side={<span className="text-sm text-soft">{t.firstOf(refusals.length, refused)}</span>}
      flush
    >
      <Table label={t.refusals} columns={t.refusalColumns}>
        {refusals.map(({ run_id: runId, message }) => (
          <Row key={runId}>
            <Cell>
              <RunLink runId={runId} opens>
                <span className="font-mono">{shortRunId(runId)}</span>
              </RunLink>
            </Cell>
            <Cell>{message}</Cell>
          </Row>
        ))}
      </Table>
    </Panel>
  );
}
