import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { ApiRerunRequest, ApiRun } from '@api/api-types.js';
import type { Json } from '@core/json.js';
import { client } from '../../../api/client.js';
import { CONTROL, Labelled, Tick } from '../../../design/field.js';
import { text } from '../../../text/en.js';
import { nameOf } from '../node/node-name.js';
import { ActionForm } from './action-form.js';
import { Effect, useCredits } from './effect.js';
import type { ActionDialogProps } from './run-actions.js';

const t = text.actions.rerun;
const HOWS = ['whole', 'edited', 'fromNode'] as const;
type How = (typeof HOWS)[number];

export function RerunDialog({ run, input, onClose }: ActionDialogProps): ReactNode {
  const navigate = useNavigate();
  const credits = useCredits(run);
  const [how, setHow] = useState<How>('whole');
  const [edited, setEdited] = useState(() => JSON.stringify(input ?? {}, null, 2));
  const [node, setNode] = useState(run.error?.node_id ?? run.nodes[0]?.id ?? '');
  const [sameVersion, setSameVersion] = useState(false);
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      client.rerun(run.run_id, {
        ...requestOf({ how, edited, node }),
        ...(sameVersion ? { same_version: true } : {}),
        idempotency_key: idempotencyKey,
      }),
    onSuccess: (started) => {
      onClose();
      void navigate({ to: '/runs/$runId', params: { runId: started.run_id } });
    },
  });
  return (
    <ActionForm
      title={t.title}
      confirm={t.confirm}
      isBusy={isPending}
      error={error}
      onConfirm={() => mutate()}
      onClose={onClose}
    >
      <p>{t.body}</p>
      <HowChoice how={how} onChoose={setHow} />
      {how === 'edited' && <InputField value={edited} onChange={setEdited} />}
      {how === 'fromNode' && <NodeChoice run={run} value={node} onChoose={setNode} />}
      <Tick label={t.sameVersion(run.workflow_version)} isOn={sameVersion} onToggle={setSameVersion} />
      <RerunEffect run={run} how={how} node={node} credits={credits} />
    </ActionForm>
  );
}

function requestOf({ how, edited, node }: { how: How; edited: string; node: string }): ApiRerunRequest {
  if (how === 'fromNode') return { from_node: node };
  return how === 'edited' ? { input: parseInput(edited) } : {};
}

function parseInput(written: string): Json {
  try {
    return JSON.parse(written) as Json;
  } catch (error) {
    throw new Error(`${t.notJson} ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
}

function HowChoice({ how, onChoose }: { readonly how: How; readonly onChoose: (how: How) => void }): ReactNode {
  return (
    <fieldset className="space-y-1">
      <legend className="text-sm font-medium">{t.how}</legend>
      {HOWS.map((each) => (
        <label key={each} className="flex items-center gap-2">
          <input type="radio" name="how" checked={how === each} onChange={() => onChoose(each)} />
          {t[each]}
        </label>
      ))}
    </fieldset>
  );
}

function InputField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  return (
    <Labelled label={t.input}>
      {(id) => (
        <textarea
          id={id}
          rows={10}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={`mt-1 w-full ${CONTROL} font-mono text-sm`}
        />
      )}
    </Labelled>
  );
}

function NodeChoice({
  run,
  value,
  onChoose,
}: {
  readonly run: ApiRun;
  readonly value: string;
  readonly onChoose: (node: string) => void;
}): ReactNode {
  return (
    <Labelled label={t.node}>
      {(id) => (
        <select
          id={id}
          value={value}
          onChange={(event) => onChoose(event.target.value)}
          className={`mt-1 w-full ${CONTROL}`}
        >
          {run.nodes.map((node) => (
            <option key={node.id} value={node.id}>
              {nameOf(node)}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

function RerunEffect({
  run,
  how,
  node,
  credits,
}: {
  readonly run: ApiRun;
  readonly how: How;
  readonly node: string;
  readonly credits: number;
}): ReactNode {
  if (how !== 'fromNode') return <Effect again={run.nodes} kept={[]} credits={credits} />;
  const kept = run.nodes.filter(({ id, status }) => id !== node && status === 'completed');
  const again = run.nodes.filter((each) => !kept.includes(each));
  return <Effect again={again} kept={kept} keptLabel={text.actions.reused} credits={credits} />;
}
