import { answerNode } from '../../api/endpoints/runs.js';
import { runReply } from './run-reply.js';
import { renderRun } from './render/render.js';
import type { RestRoutes } from './rest-routes.js';
import { readRunId } from './run-id-parameter.js';

export function addAnswers(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(answerNode, async ({ caller, body, param }) => {
    const { answer } = await body();
    const run = await services.answerRun(caller, { runId: readRunId(param), nodeId: param('node'), answer });
    return runReply({ run, shown: renderRun(run, await services.explainWaits(caller, run)) });
  });
}
