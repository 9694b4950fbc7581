import type { Frame } from './frame.js';
import { Moment } from './moment.js';
import { ModeButton, Stale, Status } from './parts.js';
import { RunApp } from './run-app.js';
import type { ListedRun, RunsModel } from './runs-model.js';
import { text } from './text.js';

interface Props {
  readonly frame: Frame;
  readonly model: RunsModel;
}

/** A list of runs, each of which can be opened in its place. */
export function RunsApp({ frame, model }: Props) {
  const { runs, stale, open } = model.state;
  if (open !== null) {
    return (
      <>
        <p class="back">
          <button type="button" onClick={() => model.close()}>
            {text.allRuns}
          </button>
        </p>
        <RunApp frame={frame} model={open} />
      </>
    );
  }
  if (runs === null) return <p class="soft pad">{text.waitingForRuns}</p>;
  return (
    <main>
      <header class="line">
        <h1>{text.runs}</h1>
        <span class="soft">{countOf(model)}</span>
        <ModeButton frame={frame} />
      </header>
      {runs.length === 0 && <p class="soft">{text.noRuns}</p>}
      <ul class="runs" aria-label={text.runs}>
        {runs.map((run) => (
          <li key={run.run_id}>
            <ListedRunRow
              run={run}
              place={frame.context}
              mayOpen={frame.mayCall}
              onOpen={() => model.open(run.run_id)}
            />
          </li>
        ))}
      </ul>
      {stale !== null && <Stale why={stale} onAgain={() => model.askNow()} />}
      {frame.mayCall && <Pages model={model} />}
    </main>
  );
}

function countOf({ state: { runs, total } }: RunsModel): string {
  const shown = runs?.length ?? 0;
  return total === null ? String(shown) : text.of(shown, total);
}

function ListedRunRow({
  run,
  place,
  mayOpen,
  onOpen,
}: {
  readonly run: ListedRun;
  readonly place: Frame['context'];
  readonly mayOpen: boolean;
  readonly onOpen: () => void;
}) {
  const failure = run.error_message ?? run.output_error;
  return (
    <>
      <div class="line">
        <Status status={run.status} />
        {mayOpen ? (
          <button type="button" class="link" onClick={onOpen}>
            {run.workflow_name}
          </button>
        ) : (
          <b>{run.workflow_name}</b>
        )}
        <span class="soft end">
          <Moment at={run.created_at} place={place} />
          {run.duration_seconds !== null && ` · ${text.took(run.duration_seconds)}`}
        </span>
      </div>
      {failure !== null ? (
        <p class="state state-failed said">
          {run.error_node !== null && <b>{run.error_node}: </b>}
          {failure}
        </p>
      ) : (
        run.summary !== null && <p class="soft said">{run.summary}</p>
      )}
    </>
  );
}

function Pages({ model }: { readonly model: RunsModel }) {
  const { next } = model.state;
  return (
    <p class="line">
      {model.isOlder && (
        <button type="button" onClick={() => model.turnTo(null)}>
          {text.newest}
        </button>
      )}
      {next !== null && (
        <button type="button" onClick={() => model.turnTo(next)}>
          {text.older}
        </button>
      )}
    </p>
  );
}
