import type { Json } from '../../../core/json.js';
import { ACCEPTED, ANSWER_RUN_INPUT, ANSWER_RUN_OUTPUT } from '../schemas/native-schemas.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { withRunId } from './ids.js';
import { summaryOutcome } from '../views/summary-outcome.js';

interface AnswerArguments {
  readonly run_id: string;
  readonly node_id: string;
  readonly answer: Json;
}

/** For clients that cannot put a run's question before a person by themselves, as those with Tasks can. */
export const answerRun = defineTool<AnswerArguments>({
  name: 'answer_run',
  title: 'Answer a run',
  description:
    'Passes on the answer that a run waits for (see questions in its status). The answer must come from a person: ask the user, and never make one up. ' +
    'It must fit the schema of the question; the run then continues.',
  inputSchema: ANSWER_RUN_INPUT,
  accepts: ACCEPTED.answer,
  outputSchema: ANSWER_RUN_OUTPUT,
  mutates: true,
  scope: 'approve',
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  run: async ({ run_id: asked, node_id: nodeId, answer }, call) => {
    const { services, caller } = call;
    const run = await withRunId(asked, (runId) => services.answerRun(caller, { runId, nodeId, answer }));
    return await summaryOutcome(run, asked, call);
  },
});
