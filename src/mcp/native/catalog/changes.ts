import { isErrandError } from '../../../core/errors.js';
import type { Run } from '../../../core/run/run.js';
import type { CallContext } from '../../contract/call-context.js';
import type { Change, ChangeFilter, ChangeSource } from '../../contract/sources.js';
import { parseTaskId } from '../tasks/run-task.js';
import { loadTask } from '../tasks/run-tasks.js';
import { Throttle } from '../live/throttle.js';
import { parseUri } from './resources.js';

/** What one stream listens for at most; what is above is not honoured. */
const MAX_FOLLOWED = 1_000;

type Emit = (change: Change) => void;

/** Changes of the set of workflows, of single workflows, of runs and of tasks. */
export const nativeChanges: ChangeSource = {
  offers: { tools: true, prompts: true, resources: true, resourceUpdates: true, tasks: true },

  async subscribe(filter, context, emit) {
    const stops: (() => void)[] = [];
    const end = (): void => {
      for (const stop of stops.splice(0)) stop();
    };
    try {
      stops.push(followLists(filter, context, emit));
      let left = MAX_FOLLOWED;
      const resourceSubscriptions: string[] = [];
      for (const uri of new Set(filter.resourceSubscriptions)) {
        const stop = left > 0 ? await followResource(uri, context, emit) : null;
        if (stop === null) continue;
        left -= 1;
        stops.push(stop);
        resourceSubscriptions.push(uri);
      }
      const taskIds: string[] = [];
      for (const taskId of new Set(filter.taskIds)) {
        const stop = left > 0 ? await followTask(taskId, context, emit) : null;
        if (stop === null) continue;
        left -= 1;
        stops.push(stop);
        taskIds.push(taskId);
      }
      return { honoured: { ...filter, resourceSubscriptions, taskIds }, unsubscribe: end };
    } catch (thrown) {
      end();
      throw thrown;
    }
  },
};

function followLists(filter: ChangeFilter, { services, caller }: CallContext, emit: Emit): () => void {
  const { toolsListChanged, promptsListChanged, resourcesListChanged } = filter;
  if (!toolsListChanged && !promptsListChanged && !resourcesListChanged) return () => undefined;
  return services.onWorkflowsChanged(caller, () => {
    if (toolsListChanged) emit({ kind: 'tools' });
    if (promptsListChanged) emit({ kind: 'prompts' });
    if (resourcesListChanged) emit({ kind: 'resources' });
  });
}

/** Null when there is no such resource, and for definitions: nobody follows those. */
async function followResource(uri: string, context: CallContext, emit: Emit): Promise<(() => void) | null> {
  const id = parseUri(uri);
  if (id === null || id.kind === 'version' || id.kind === 'draft') return null;
  const tell = (): void => emit({ kind: 'resource', uri });
  return id.kind === 'workflow'
    ? await followWorkflow(id.workflowId, context, tell)
    : await followRun(id.runId, context, tell);
}

async function followWorkflow(
  workflowId: string,
  { services, caller }: CallContext,
  tell: () => void,
): Promise<(() => void) | null> {
  // An organization's own may have the version number of the one for all whose place it takes.
  const versionOf = async (): Promise<string | null> => {
    try {
      const { version, hash } = (await services.getWorkflow(caller, { workflowId })).version;
      return `${version} ${hash}`;
    } catch {
      return null;
    }
  };
  let known = await versionOf();
  if (known === null) return null;
  return services.onWorkflowsChanged(caller, () => {
    void versionOf().then((version) => {
      if (version === known) return;
      known = version;
      tell();
    });
  });
}

/** Null when there is no such task. */
async function followTask(taskId: string, context: CallContext, emit: Emit): Promise<(() => void) | null> {
  const parsed = parseTaskId(taskId);
  if (parsed === null) return null;
  const { runId, form } = parsed;
  let told = 0;
  const tell = (run: Run): void => {
    void loadTask({ run, form }, context).then(
      (task) => {
        // Looking an ended run's workflow up takes a moment, in which nothing older may slip behind it.
        if (run.version <= told) return;
        told = run.version;
        emit({ kind: 'task', task });
      },
      () => undefined,
    );
  };
  return await followRun(runId, context, tell);
}

/**
 * Tells of a run's changes, not more often than they can be read; of its end at once. Null when there is no such run.
 */
async function followRun(
  runId: string,
  { services, caller }: CallContext,
  tell: (run: Run) => void,
): Promise<(() => void) | null> {
  const paced = new Throttle(services.clock, tell);
  try {
    const { stop } = await services.followRun(caller, { runId, listener: (run) => paced.take(run) });
    return () => {
      stop();
      paced.stop();
    };
  } catch (thrown) {
    if (isErrandError(thrown) && thrown.code === 'not_found') return null;
    throw thrown;
  }
}
