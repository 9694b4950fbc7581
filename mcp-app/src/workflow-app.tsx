import type { Json } from '@core/json.js';
import { Form } from './form.js';
import type { Frame } from './frame.js';
import { Attempt, ModeButton } from './parts.js';
import { RunApp } from './run-app.js';
import { text } from './text.js';
import type { WorkflowModel, WorkflowView } from './workflow-model.js';

interface Props {
  readonly frame: Frame;
  readonly model: WorkflowModel;
}

/** A workflow with a form for its input; once it is started, its run. */
export function WorkflowApp({ frame, model }: Props) {
  const { workflow, run } = model.state;
  if (workflow === null) return <p class="soft pad">{text.waitingForWorkflow}</p>;
  if (run !== null) {
    return (
      <>
        <RunApp frame={frame} model={run} />
        <p class="back">
          <button type="button" onClick={() => model.again()}>
            {text.startAnother}
          </button>
        </p>
      </>
    );
  }
  const { id, name, description, credit_cost: credits, estimated_duration: takes = null } = workflow;
  return (
    <main>
      <header>
        <div class="line">
          <h1>{name}</h1>
          <ModeButton frame={frame} />
        </div>
        <p class="soft">
          {id} · {text.costs(credits)}
          {takes !== null && ` · ${takes}`}
        </p>
      </header>
      <p>{description}</p>
      <StartForm frame={frame} workflow={workflow} model={model} />
    </main>
  );
}

function StartForm({ frame, workflow, model }: Props & { readonly workflow: WorkflowView }) {
  if (workflow.ready === false)
    return <p class="box state state-failed">{text.notReady(workflow.not_ready_because ?? '')}</p>;
  if (!frame.mayCall) return <p class="soft">{text.mayNotStart}</p>;
  return (
    <Attempt
      run={(input: Json) => model.start(input)}
      children={(start, isBusy) => (
        <Form
          schema={workflow.input_schema}
          label={text.input}
          submit={isBusy ? text.busy : text.startFor(workflow.credit_cost)}
          isBusy={isBusy}
          onSubmit={start}
        />
      )}
    />
  );
}
