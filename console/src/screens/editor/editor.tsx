import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import type { ApiCheckedText, ApiDraft } from '@api/authoring-types.js';
import { createDraft, deleteDraft, publishDraft, updateDraft } from '@api/endpoints/authoring.js';
import { ErrandError } from '@core/errors.js';
import { client, messageOf } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { Heading } from '../../design/heading.js';
import { text } from '../../text/en.js';
import { CheckPanel } from './check-panel.js';
import { CodeEditor } from './code-editor.js';
import { DiffPanel } from './diff-panel.js';
import { PlanDrawing } from './plan-drawing.js';
import { Changes } from './changes.js';
import { checkQuery, draftDiffQuery, draftQuery } from './queries.js';

const t = text.editor;
/** A text is checked once nobody has typed for so long. */
const PAUSE_MS = 400;

interface EditorProps {
  readonly start: string;
  /** Null for one that is not kept yet. */
  readonly draft: ApiDraft | null;
  readonly baseVersion: number | null;
  /** Of which the base version is one. */
  readonly workflowId: string | null;
}

/** Types a definition, sees what is wrong with it and what it would run, keeps it, and publishes it. */
export function Editor({ start, draft, baseVersion, workflowId }: EditorProps): ReactNode {
  const [typed, setTyped] = useState(start);
  const [goal, setGoal] = useState<{ readonly line: number } | null>(null);
  const { data: check, isPlaceholderData } = useQuery(checkQuery(useSettled(typed, PAUSE_MS)));
  const isChanged = draft === null || typed !== draft.text;
  useWarning(isChanged && typed !== start);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <Heading title={titleOf(draft, check)} />
        <Actions
          draft={draft}
          typed={typed}
          baseVersion={baseVersion}
          isFine={check?.ok === true && !isPlaceholderData}
        />
      </div>
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <section aria-label={t.label} className="overflow-hidden rounded-lg border border-line bg-panel">
          <CodeEditor
            label={t.label}
            start={start}
            faults={check?.faults ?? NONE}
            warnings={check?.warnings ?? NONE}
            onChange={setTyped}
            goal={goal}
          />
          <p className="border-t border-line px-4 py-2 text-sm text-soft">{t.keys}</p>
        </section>
        <div className="space-y-4">
          <CheckPanel check={check} onGo={(line) => setGoal({ line })} />
          <Panel title={t.graph} flush>
            <PlanDrawing nodes={check?.graph.nodes ?? NONE} />
          </Panel>
        </div>
      </div>
      {baseVersion !== null && workflowId !== null && (
        <>
          {draft !== null && <DraftChanges draft={draft} isSaved={typed === draft.text} />}
          <DiffPanel workflowId={workflowId} version={baseVersion} typed={typed} />
        </>
      )}
    </>
  );
}

/** As the server compares them; of a draft with faults it does not. */
function DraftChanges({ draft, isSaved }: { readonly draft: ApiDraft; readonly isSaved: boolean }): ReactNode {
  const { data: diff } = useQuery(draftDiffQuery(draft));
  if (diff === undefined) return null;
  return (
    <Panel
      title={t.changes.title}
      side={isSaved ? null : <span className="text-sm text-soft">{t.changes.ofSaved}</span>}
    >
      <Changes diff={diff} />
    </Panel>
  );
}

const NONE = [] as const;

function titleOf(draft: ApiDraft | null, check: ApiCheckedText | undefined): string {
  const name = check?.name ?? draft?.name ?? null;
  return name === null || draft === null ? t.title : t.titleOf(name);
}

function Actions({
  draft,
  typed,
  baseVersion,
  isFine,
}: {
  readonly draft: ApiDraft | null;
  readonly typed: string;
  readonly baseVersion: number | null;
  readonly isFine: boolean;
}): ReactNode {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const keep = async (): Promise<ApiDraft> => {
    const body = { text: typed, base_version: baseVersion };
    if (draft !== null && draft.text === typed) return draft;
    const kept =
      draft === null
        ? await client.call(createDraft, { body })
        : await client.call(updateDraft, { path: { id: draft.id }, body: { ...body, revision: draft.revision } });
    queries.setQueryData(draftQuery(kept.id).queryKey, kept);
    void queries.invalidateQueries({ queryKey: ['drafts'], exact: true });
    return kept;
  };
  const save = useMutation({
    mutationFn: keep,
    onSuccess: ({ id }) =>
      navigate({ to: '/drafts/$draftId', params: { draftId: id }, replace: true, ignoreBlocker: true }),
  });
  const publish = useMutation({
    mutationFn: async () => {
      const { id, revision } = await keep();
      return client.call(publishDraft, { path: { id }, body: { revision } });
    },
    onSuccess: async ({ workflows }) => {
      await queries.invalidateQueries();
      const id = workflows[0]?.id ?? '';
      await navigate({ to: '/workflows/$workflowId', params: { workflowId: id }, ignoreBlocker: true });
    },
  });
  const isBusy = save.isPending || publish.isPending;
  const error = save.error ?? publish.error;
  return (
    <>
      <span aria-live="polite" className="text-sm text-soft">
        {draft !== null && draft.text === typed ? t.saved(draft.revision) : t.unsaved}
      </span>
      <div className="ml-auto flex flex-wrap gap-2">
        <Button disabled={isBusy} onClick={() => save.mutate()}>
          {t.save}
        </Button>
        <Button look="main" disabled={isBusy || !isFine} onClick={() => publish.mutate()}>
          {publish.isPending ? t.publishing : t.publish}
        </Button>
        {draft !== null && <Remove draft={draft} />}
      </div>
      {error !== null && <SaveFault error={error} draft={draft} />}
    </>
  );
}

function SaveFault({ error, draft }: { readonly error: Error; readonly draft: ApiDraft | null }): ReactNode {
  return (
    <div className="w-full">
      <Notice kind="failed">{messageOf(error)}</Notice>
      {draft !== null && error instanceof ErrandError && error.code === 'conflict' && (
        <Button className="mt-2" onClick={() => location.reload()}>
          {t.theirs}
        </Button>
      )}
    </div>
  );
}

function Remove({ draft }: { readonly draft: ApiDraft }): ReactNode {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { mutate, isPending } = useMutation({
    mutationFn: () => client.call(deleteDraft, { path: { id: draft.id }, query: { revision: draft.revision } }),
    onSuccess: async () => {
      void queries.invalidateQueries({ queryKey: ['drafts'], exact: true });
      await navigate({ to: '/workflows', ignoreBlocker: true });
    },
  });
  return (
    <Button
      look="quiet"
      disabled={isPending}
      onClick={() => {
        if (confirm(t.removing)) mutate();
      }}
    >
      {t.remove}
    </Button>
  );
}

/** The value once it has not changed for so long. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** Asks before another screen or page is gone to, while something would be lost. */
function useWarning(isOn: boolean): void {
  useBlocker({ disabled: !isOn, enableBeforeUnload: isOn, shouldBlockFn: () => !confirm(t.leaving) });
}
