import { ErrandError } from '../../../core/errors.js';
import { wellFormedJson, type Json } from '../../../core/json.js';
import type { Isolation } from '../../../core/ports/isolation.js';
import { findExecution, type NodeExecution, type Question } from '../../../core/run/node-execution.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { shorten } from '../../../core/text/cut-text.js';
import { readJsonTextAsync } from '../../../core/tool-form/json-text.js';
import { compileSchema, isolateCheck } from '../../../workflow/schema/schema.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { runFact } from '../../audit/run-fact.js';
import { answerView } from '../../audit/views.js';
import { requireScope } from '../../use-case/require-scope.js';
import { getRun } from '../runs.js';
import type { AnswerRunParams } from '../../interface/services.js';

/** Gives a node that asks a person its answer. Resolves once the answer is durable, with the run as it stands then. */
export async function answerRun(deps: ServiceDeps, caller: Principal, params: AnswerRunParams): Promise<Run> {
  const { runId, nodeId } = params;
  requireScope(caller, 'approve');
  const run = await getRun(deps, caller, runId);
  const node = findExecution(run.nodes, nodeId);
  if (node === undefined)
    throw new ErrandError('not_found', `The run has no node ${JSON.stringify(shorten(nodeId, 100))}.`);
  if (node.question === undefined) throw notWaiting(run, node);
  const { isolation } = deps.catalog;
  const given = wellFormedJson(params.answer, JSON.stringify(params.answer));
  const answer = await readAnswer(node.question, given, isolation);
  const after = { node: nodeId, answer: answerView(answer) };
  const audit = runFact(deps, caller, { runId: run.id, action: 'run.answer', after });
  await deps.engine.answer({ run, nodeId, question: node.question, answer, audit });
  return getRun(deps, caller, runId);
}

function notWaiting(run: Run, node: NodeExecution): ErrandError {
  const state = isTerminal(run.status) ? `the run is ${run.status}` : `it is ${node.status}`;
  return new ErrandError('conflict', `The node ${node.id} does not wait for an answer: ${state}.`);
}

/**
 * The answer as it was meant: some callers send what is no text as the JSON of it. Throws `invalid_input` when it does
 * not fit.
 */
async function readAnswer({ message, schema }: Question, given: Json, isolation?: Isolation): Promise<Json> {
  const compiled = compileSchema(schema);
  const check = compiled.status === 'ok' ? isolateCheck(schema, compiled.check, isolation) : () => compiled.faults;
  const answer = await readJsonTextAsync(given, async (value) => (await check(value)).length === 0);
  const problems = await check(answer);
  if (problems.length === 0) return answer;
  const list = problems.map((problem) => `${problem.path || '/'} ${problem.message}`).join('; ');
  throw new ErrandError('invalid_input', `The answer does not fit the question "${message}": ${list}`, { problems });
}
