import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import type { ApiHook, ApiNewHook } from '@api/hook-types.js';
import { createHook, deleteHook, listHooks, rotateHookAddress, updateHook } from '@api/endpoints/hooks.js';
import { client, messageOf } from '../../../api/client.js';
import { workflowsQuery } from '../../../api/queries.js';
import { Button } from '../../../design/button.js';
import { CodeBlock } from '../../../design/code-block.js';
import { Moment } from '../../../design/moment.js';
import { CONTROL, Field, Labelled } from '../../../design/field.js';
import { Notice } from '../../../design/notice.js';
import { Panel } from '../../../design/panel.js';
import { RunLink } from '../../../design/run-link.js';
import { Cell, Row, Table } from '../../../design/table.js';
import { WorkflowLink } from '../../../design/workflow-link.js';
import { text } from '../../../text/en.js';
import { PartLink } from './part-link.js';
import { ConfirmDialog } from '../confirm-dialog.js';

const t = text.organization.hooks;
const HOOKS = ['hooks'];
const LIVE_MS = 5_000;

/** What lets others start runs, and what came of it: of all workflows, or of one. */
export function HooksPanel({ workflow }: { readonly workflow?: string }): ReactNode {
  const queries = useQueryClient();
  const { data: all, error } = useQuery({
    queryKey: HOOKS,
    queryFn: async () => (await client.call(listHooks)).hooks,
    refetchInterval: LIVE_MS,
  });
  const hooks = workflow === undefined ? all : all?.filter(({ workflow_id: of }) => of === workflow);
  const [leaving, setLeaving] = useState<ApiHook | null>(null);
  const [made, setMade] = useState<ApiNewHook | null>(null);
  const refresh = (): void => void queries.invalidateQueries({ queryKey: HOOKS });
  const show = (hook: ApiNewHook): void => {
    setMade(hook);
    refresh();
  };
  return (
    <Panel title={t.title} side={workflow !== undefined && <PartLink part="hooks" />} flush>
      <NewHook of={workflow} onMade={show} />
      {made !== null && (
        <div role="status" className="space-y-2 border-b border-line p-4">
          <p>{t.once}</p>
          <CodeBlock label={t.addressOf(made.name)} code={made.url} />
        </div>
      )}
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {hooks === undefined && error === null && <div className="skeleton m-4 h-12" />}
      {hooks?.length === 0 && <p className="p-4 text-soft">{workflow === undefined ? t.none : t.noneOfOne}</p>}
      {hooks !== undefined && hooks.length > 0 && (
        <Table label={t.title} columns={workflow === undefined ? t.columns : t.columnsOfOne}>
          {hooks.map((hook) => (
            <HookRow
              key={hook.id}
              hook={hook}
              isOfOne={workflow !== undefined}
              onChange={refresh}
              onMade={show}
              onDelete={() => setLeaving(hook)}
            />
          ))}
        </Table>
      )}
      {leaving !== null && (
        <ConfirmDialog
          title={t.sure(leaving.name)}
          effect={t.effect}
          confirm={t.remove}
          act={() => client.call(deleteHook, { path: { id: leaving.id } })}
          onClose={() => {
            setLeaving(null);
            refresh();
          }}
        />
      )}
    </Panel>
  );
}

interface HookRowProps {
  readonly hook: ApiHook;
  /** Whether all of them are of one workflow. */
  readonly isOfOne: boolean;
  readonly onChange: () => void;
  readonly onMade: (hook: ApiNewHook) => void;
  readonly onDelete: () => void;
}

function HookRow({ hook, isOfOne, onChange, onMade, onDelete }: HookRowProps): ReactNode {
  const { id, name, workflow_id: workflow, event, enabled } = hook;
  const toggle = useMutation({
    mutationFn: () => client.call(updateHook, { path: { id }, body: { enabled: !enabled } }),
    onSuccess: onChange,
  });
  const [isRotating, setRotating] = useState(false);
  const { isPending: isBusy, error } = toggle;
  const label = enabled ? t.disable : t.enable;
  return (
    <Row>
      <Cell>
        {name}
        {!enabled && <span className="block text-xs text-failed">{t.disabled}</span>}
      </Cell>
      {!isOfOne && <Cell>{workflow === null ? <code>{event?.name}</code> : <WorkflowLink id={workflow} />}</Cell>}
      <Cell>
        <Came hook={hook} />
      </Cell>
      <Cell>
        <div className="flex flex-wrap gap-2">
          <Button disabled={isBusy} onClick={() => toggle.mutate()} aria-label={`${label} ${name}`}>
            {label}
          </Button>
          <Button disabled={isBusy} onClick={() => setRotating(true)} aria-label={`${t.rotate} ${name}`}>
            {t.rotate}
          </Button>
          <Button disabled={isBusy} onClick={onDelete} aria-label={`${t.remove} ${name}`}>
            {t.remove}
          </Button>
        </div>
        {error !== null && <p className="text-failed">{messageOf(error)}</p>}
        {isRotating && (
          <ConfirmDialog
            title={t.sureToRotate(hook.name)}
            effect={t.rotation}
            confirm={t.rotate}
            look="main"
            act={async () => onMade(await client.call(rotateHookAddress, { path: { id: hook.id }, body: {} }))}
            onClose={() => setRotating(false)}
          />
        )}
      </Cell>
    </Row>
  );
}

/** What was taken, what was refused, and why. */
function Came({ hook }: { readonly hook: ApiHook }): ReactNode {
  const { accepted, refused, last_run_id: run, last_accepted_at: acceptedAt, last_refused_at: refusedAt } = hook;
  return (
    <>
      {t.accepted(accepted)}
      {acceptedAt !== null && (
        <>
          , <Moment at={acceptedAt} relative />
        </>
      )}
      {run !== null && (
        <>
          {' '}
          <RunLink runId={run}>{t.lastRun}</RunLink>
        </>
      )}
      {refused > 0 && (
        <span className="block text-failed wrap-anywhere">
          {t.refused(refused)}
          {refusedAt !== null && (
            <>
              , <Moment at={refusedAt} relative />
            </>
          )}
          {hook.last_refusal !== null && `: ${hook.last_refusal}`}
        </span>
      )}
    </>
  );
}

function NewHook({
  of,
  onMade,
}: {
  /** The workflow, where it is not to be chosen. */
  readonly of: string | undefined;
  readonly onMade: (hook: ApiNewHook) => void;
}): ReactNode {
  const [chosen, setWorkflow] = useState('');
  const workflow = of ?? chosen;
  const [name, setName] = useState('');
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.call(createHook, { body: { workflow_id: workflow, ...(name === '' ? {} : { name }) } }),
    onSuccess: (hook) => {
      setName('');
      onMade(hook);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutate();
  };
  return (
    <form onSubmit={submit} className="space-y-3 border-b border-line p-4">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        {of === undefined && <WorkflowChoice chosen={chosen} onChoose={setWorkflow} />}
        <Field label={t.name} maxLength={100} value={name} onType={setName} className="" />
        <Button type="submit" disabled={isPending}>
          {isPending ? t.making : t.make}
        </Button>
      </div>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
    </form>
  );
}

function WorkflowChoice({
  chosen,
  onChoose,
}: {
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}): ReactNode {
  const { data: workflows = [] } = useQuery(workflowsQuery);
  return (
    <Labelled label={t.workflow}>
      {(id) => (
        <select
          id={id}
          required
          value={chosen}
          onChange={(event) => onChoose(event.target.value)}
          className={`mt-1 max-w-64 ${CONTROL}`}
        >
          <option value="" />
          {workflows.map((each) => (
            <option key={each.id} value={each.id}>
              {each.name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}
