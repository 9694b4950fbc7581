import { ErrandError } from '../../core/errors.js';
import { ManualClock } from '../../core/time/manual-clock.js';
import { parseMoment } from '../../core/time/moment.js';
import { FakeNodes } from './fakes.js';
import { loadSource, type TrialSource } from './load-source.js';
import { openTrial } from './open-trial.js';
import { ScriptedModels } from './scripted-models.js';
import type { TestWorkflowOptions, WorkflowTest } from './workflow-test.js';

const FIRST_MOMENT = Date.UTC(2026, 0, 15, 12);

/** Opens a workflow for a test. Throws `invalid_definition` with every fault of it. */
export async function testWorkflow(source: TrialSource, options: TestWorkflowOptions = {}): Promise<WorkflowTest> {
  const { workflow, nodes = {}, secrets = {} } = options;
  return openTrial({
    clock: new ManualClock(readNow(options.now)),
    models: new ScriptedModels(options.models ?? []),
    fakes: new FakeNodes(nodes),
    secrets,
    named: { said: 'nodes', nodes: Object.keys(nodes) },
    load: async (assembly) => {
      const { dataDir, handlers } = assembly;
      const { defined, resources, ...loaded } = await loadSource({ source, workflow, dataDir });
      for (const one of defined) handlers.registerInline(one);
      return { ...loaded, prepare: () => assembly.setResources(resources) };
    },
  });
}

function readNow(now: string | undefined): number {
  const moment = now === undefined ? FIRST_MOMENT : parseMoment(now);
  if (moment === null)
    throw new ErrandError('invalid_input', `"now" must be a time as 2026-01-15T12:00:00Z, not ${now}.`);
  return moment;
}
