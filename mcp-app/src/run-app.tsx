import { useState } from 'preact/hooks';
import type { Json } from '@core/json.js';
import { Form } from './form.js';
import type { Frame } from './frame.js';
import { Attempt, BusyButton, ModeButton, Stale, Status } from './parts.js';
import type { AgentView, AskedQuestion, RunModel, RunView } from './run-model.js';
import { text } from './text.js';

interface Props {
  readonly frame: Frame;
  readonly model: RunModel;
}

/** One run: how it stands, what it asks, who works at it, and what can be done. */
export function RunApp({ frame, model }: Props) {
  const { run, stale } = model.state;
  if (run === null) return <p class="soft pad">{text.waitingForRun}</p>;
  return (
    <main>
      <Head frame={frame} run={run} />
      {typeof run.error_message === 'string' && <Failure run={run} message={run.error_message} />}
      {typeof run.output_error === 'string' && <Failure run={run} message={run.output_error} />}
      {run.questions?.map((question) => (
        <Question key={question.node_id} question={question} name={nameOf(run, question.node_id)} model={model} />
      ))}
      <Agents run={run} />
      {/* Made of what the agents found, unless the workflow has words of its own. */}
      {typeof run.summary === 'string' && (run.agents ?? []).length === 0 && (
        <p class="summary" tabIndex={0} role="group" aria-label={text.summary}>
          {run.summary}
        </p>
      )}
      {!frame.mayCall && <p class="soft">{text.notAllowed}</p>}
      {stale !== null && <Stale why={stale} onAgain={() => model.askNow()} />}
      {frame.mayCall && <Actions run={run} model={model} />}
    </main>
  );
}

function Head({ frame, run }: { readonly frame: Frame; readonly run: RunView }) {
  const { terminal: isEnded = false, progress = 0 } = run;
  return (
    <header>
      <div class="line">
        <h1>{run.workflow_name ?? run.run_id}</h1>
        <Status status={run.status} />
        <ModeButton frame={frame} />
      </div>
      <Bar label={text.progress} status={run.status} percent={isEnded ? 100 : progress} />
      <p class="soft line">
        <span>{typeof run.error_message === 'string' ? '' : run.status_message}</span>
        <span class="end">{costOf(run)}</span>
      </p>
    </header>
  );
}

function costOf(run: RunView): string {
  const { credits_consumed: used = 0, credits_reserved: reserved = 0, terminal: isEnded = false, usage } = run;
  const credits = used === 0 && reserved === 0 ? [] : [text.credits(used, reserved, isEnded)];
  return [...credits, ...(usage ? [text.cost(usage.cost_usd)] : [])].join(' · ');
}

function Bar({
  label,
  status,
  percent,
}: {
  readonly label: string;
  readonly status: string;
  readonly percent: number;
}) {
  return (
    <div class={`bar state state-${status}`} role="progressbar" aria-label={label} aria-valuenow={percent}>
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

function Failure({ run, message }: { readonly run: RunView; readonly message: string }) {
  return (
    <p class="box state state-failed" role="alert">
      {typeof run.error_node === 'string' && <b>{run.error_node}: </b>}
      {message}
    </p>
  );
}

/** As people know it, where it is an agent. */
function nameOf({ agents = [] }: RunView, nodeId: string): string {
  return agents.find(({ id }) => id === nodeId)?.label ?? nodeId;
}

function Question({
  question,
  name,
  model,
}: {
  readonly question: AskedQuestion;
  readonly name: string;
  readonly model: RunModel;
}) {
  return (
    <section class="box state state-waiting" aria-label={text.asks(name)}>
      <h2>{text.asks(name)}</h2>
      <p>{question.message}</p>
      <Attempt
        run={(answer: Json) => model.act('answer_run', { node_id: question.node_id, answer })}
        children={(send, isBusy) => (
          <Form
            schema={question.schema}
            label={text.yourAnswer}
            submit={isBusy ? text.busy : text.answer}
            isBusy={isBusy}
            onSubmit={send}
          />
        )}
      />
    </section>
  );
}

function Agents({ run }: { readonly run: RunView }) {
  const { agents = [], agents_left_out: leftOut = 0 } = run;
  if (agents.length === 0) return null;
  return (
    <ul class="agents" aria-label={text.agents}>
      {agents.map((agent) => (
        <li key={agent.id}>
          <Agent agent={agent} />
        </li>
      ))}
      {leftOut > 0 && <li class="soft">{text.leftOut(leftOut)}</li>}
    </ul>
  );
}

function Agent({ agent }: { readonly agent: AgentView }) {
  const said = agent.error_message ?? agent.findings ?? agent.message;
  return (
    <>
      <div class="line">
        <b>{agent.label ?? agent.id}</b>
        <Status status={agent.status} />
      </div>
      <Bar label={`${text.progress}: ${agent.label ?? agent.id}`} status={agent.status} percent={agent.progress} />
      {said !== null && <p class={agent.error_message === null ? 'soft said' : 'state state-failed said'}>{said}</p>}
    </>
  );
}

function Actions({ run, model }: { readonly run: RunView; readonly model: RunModel }) {
  const { terminal: isEnded = false, status } = run;
  if (isEnded && status === 'completed') return null;
  const left = Math.max(0, (run.credits_reserved ?? 0) - (run.credits_consumed ?? 0));
  return isEnded ? (
    <Sure key="retry" label={text.retry} question={text.retrySure(left)} run={() => model.act('retry_run')} />
  ) : (
    <Sure key="cancel" label={text.cancel} question={text.cancelSure} run={() => model.act('cancel_run')} />
  );
}

/** Asks before it does something: what it does stands in the question. */
function Sure({
  label,
  question,
  run,
}: {
  readonly label: string;
  readonly question: string;
  readonly run: () => Promise<void>;
}) {
  const [isAsked, setAsked] = useState(false);
  if (!isAsked) {
    return (
      <p class="line">
        <button type="button" class="end" onClick={() => setAsked(true)}>
          {label}
        </button>
      </p>
    );
  }
  return (
    <Attempt
      run={async () => {
        await run();
        setAsked(false);
      }}
      children={(start, isBusy) => (
        <p class="line">
          <span>{question}</span>
          <BusyButton class="end" isBusy={isBusy} onClick={() => start(null)}>
            {isBusy ? text.busy : text.yes}
          </BusyButton>
          <button type="button" onClick={() => setAsked(false)}>
            {text.no}
          </button>
        </p>
      )}
    />
  );
}
