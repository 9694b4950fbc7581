import { useMutation } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import type { ApiNode, ApiRun } from '@api/api-types.js';
import { ErrandError } from '@core/errors.js';
import type { Json } from '@core/json.js';
import { hasScope } from '@core/tenant/principal.js';
import { client, messageOf } from '../../api/client.js';
import { useSession } from '../../app/session-context.js';
import { JsonTree } from '../../design/json-tree.js';
import { Moment } from '../../design/moment.js';
import { Notice } from '../../design/notice.js';
import { SchemaForm } from '../../design/schema-form.js';
import { text } from '../../text/en.js';
import { nameOf } from './node/node-name.js';

const t = text.waiting;

/** What a run asks people, each with a form for the answer. */
export function QuestionsPanel({ run, refresh }: { readonly run: ApiRun; readonly refresh: () => void }): ReactNode {
  const { nodes } = run;
  const asking = useMemo(() => nodes.flatMap(listAsking), [nodes]);
  return asking.map((node) => (
    <QuestionForm key={`${node.id} ${node.attempt}`} run={run} node={node} refresh={refresh} />
  ));
}

const NONE: readonly ApiNode[] = [];

function listAsking(node: ApiNode): readonly ApiNode[] {
  if (node.question === null && node.inner.length === 0) return NONE;
  return [node, ...node.inner].filter(({ question }) => question !== null);
}

function QuestionForm({
  run,
  node,
  refresh,
}: {
  readonly run: ApiRun;
  readonly node: ApiNode;
  readonly refresh: () => void;
}): ReactNode {
  const session = useSession();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (answer: Json) => client.answerRun(run.run_id, node.id, answer),
    onSuccess: refresh,
  });
  const { question } = node;
  if (question === null) return null;
  return (
    <section
      aria-label={t.question(nameOf(node))}
      className="state state-waiting rounded-lg border-2 border-(--state) bg-panel"
    >
      <h2 className="rounded-t-md bg-(--state-ground) px-4 py-2.5 text-base text-(--state) wrap-anywhere">
        {t.question(nameOf(node))}
      </h2>
      <div className="max-w-2xl space-y-3 p-4">
        <p className="max-w-prose whitespace-pre-wrap wrap-anywhere">{question.message}</p>
        {node.waiting_until !== null && (
          <p className="text-sm text-soft">
            {t.until} <Moment at={node.waiting_until} />
          </p>
        )}
        {question.default !== undefined && (
          <div className="text-sm text-soft">
            {t.otherwise} <JsonTree value={question.default} />
          </div>
        )}
        {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
        {hasScope(session, 'approve') ? (
          <SchemaForm
            schema={question.schema}
            label={t.yourAnswer}
            submit={isPending ? t.sending : t.answer}
            isBusy={isPending}
            onSubmit={mutate}
            problems={error instanceof ErrandError ? error.problems : []}
          />
        ) : (
          <p className="text-soft">{t.mayNot}</p>
        )}
      </div>
    </section>
  );
}
