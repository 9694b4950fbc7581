import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { listSchedules, updateSchedule } from '@api/endpoints/schedules.js';
import type { ApiSchedule } from '@api/schedule-types.js';
import { client, messageOf } from '../../../api/client.js';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../../app/session-context.js';
import { workflowsQuery } from '../../../api/queries.js';
import { Button } from '../../../design/button.js';
import { CodeBlock } from '../../../design/code-block.js';
import { Moment } from '../../../design/moment.js';
import { Notice } from '../../../design/notice.js';
import { Panel } from '../../../design/panel.js';
import { Cell, Row, Table } from '../../../design/table.js';
import { PartLink } from './part-link.js';
import { WorkflowLink } from '../../../design/workflow-link.js';
import { NotYet } from '../../../design/not-yet.js';
import { text } from '../../../text/en.js';
import { RunLink } from '../../../design/run-link.js';

const t = text.organization.schedules;
const SCHEDULES = ['schedules'];

/** What starts runs at times: of all workflows, or of one. */
export function SchedulesPanel({ workflow }: { readonly workflow?: string }): ReactNode {
  const queries = useQueryClient();
  const { data: schedules, error: missing } = useQuery({
    queryKey: [...SCHEDULES, workflow],
    queryFn: async () => {
      const query = workflow === undefined ? {} : { workflow_id: workflow };
      return (await client.call(listSchedules, { query })).schedules;
    },
  });
  const { mutate, isPending, error } = useMutation({
    mutationFn: ({ id, enabled }: ApiSchedule) =>
      client.call(updateSchedule, { path: { id }, body: { enabled: !enabled } }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: SCHEDULES }),
  });
  return (
    <Panel title={t.title} side={workflow !== undefined && <PartLink part="schedules" />} flush>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {schedules === undefined && <NotYet error={missing} size="m-4 h-12" />}
      {schedules?.length === 0 && <NoSchedules workflow={workflow} />}
      {schedules !== undefined && schedules.length > 0 && (
        <Table label={t.title} columns={workflow === undefined ? t.columns : t.columnsOfOne}>
          {schedules.map((schedule) => (
            <ScheduleRow
              key={schedule.id}
              schedule={schedule}
              isOfOne={workflow !== undefined}
              isBusy={isPending}
              onToggle={() => mutate(schedule)}
            />
          ))}
        </Table>
      )}
    </Panel>
  );
}

function NoSchedules({ workflow }: { readonly workflow: string | undefined }): ReactNode {
  const { data: workflows = [] } = useQuery(workflowsQuery);
  return (
    <div className="space-y-2 p-4">
      <p className="text-soft">{workflow === undefined ? t.none : t.noneOfOne}</p>
      <CodeBlock label={t.title} code={t.example(workflow ?? workflows[0]?.id ?? 'my_workflow')} />
    </div>
  );
}

function ScheduleRow({
  schedule,
  isOfOne,
  isBusy,
  onToggle,
}: {
  readonly schedule: ApiSchedule;
  /** Whether all of them are of one workflow. */
  readonly isOfOne: boolean;
  readonly isBusy: boolean;
  readonly onToggle: () => void;
}): ReactNode {
  const session = useSession();
  const { name, workflow_id: workflow, cron, timezone, next_at: next, last, enabled } = schedule;
  const lastRun = last?.run_id ?? null;
  const outcome = last === null ? null : t.outcomes[last.outcome];
  return (
    <Row>
      <Cell>{name}</Cell>
      {!isOfOne && (
        <Cell>
          <WorkflowLink id={workflow} />
        </Cell>
      )}
      <Cell>
        <code>{cron}</code> <span className="text-soft">{timezone}</span>
      </Cell>
      <Cell>{next === null ? t.paused : <Moment at={next} />}</Cell>
      <Cell>
        {last === null ? '–' : lastRun === null ? outcome : <RunLink runId={lastRun}>{outcome}</RunLink>}
        {last !== null && (
          <>
            , <Moment at={last.at} relative />
          </>
        )}
        {last?.message !== null && <span className="block text-failed">{last?.message}</span>}
      </Cell>
      <Cell>
        {hasScope(session, 'manage') && (
          <Button disabled={isBusy} onClick={onToggle} aria-label={`${enabled ? t.pause : t.resume} ${name}`}>
            {enabled ? t.pause : t.resume}
          </Button>
        )}
      </Cell>
    </Row>
  );
}
