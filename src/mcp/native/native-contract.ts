import type { ErrandError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { boundedProblems, fullMessage } from '../tool-kit/check-value.js';
import type { Contract } from '../contract/contract.js';
import { rpcError } from '../message/json-rpc.js';
import { getCredits, getWorkflow, listWorkflows } from './tools/catalog-tools.js';
import {
  checkWorkflow,
  createWorkflow,
  deleteWorkflow,
  readWorkflow,
  updateWorkflow,
} from './authoring/authoring-tools.js';
import { tryWorkflow } from './authoring/try-workflow.js';
import { answerRun } from './tools/answer-tool.js';
import { nativeChanges } from './catalog/changes.js';
import { nativeCompletions } from './catalog/completions.js';
import { nativePrompts } from './catalog/prompts.js';
import { nativeResources } from './catalog/resources.js';
import { sendEvent } from './tools/event-tools.js';
import { getBulkJob, previewBulkJob, startBulkJob, stopBulkJob } from './tools/bulk/bulk-tools.js';
import { createHook, deleteHook, listHooks } from './tools/hook-tools.js';
import { estimateWorkflow } from './tools/estimate-tool.js';
import { runBatch } from './tools/run-batch.js';
import { listRuns } from './tools/list-runs.js';
import { cancelRun, getRunStatus, runWorkflow } from './tools/run-tools.js';
import {
  createSchedule,
  deleteSchedule,
  listSchedules,
  previewSchedule,
  updateSchedule,
} from './tools/schedule-tools.js';
import { rerun, retryRun } from './tools/second-chance-tools.js';
import { workflowToolSet } from './tools/workflow-tool-set.js';
import { resultJson, successJson } from './views/result-json.js';
import { runTasks } from './tasks/run-tasks.js';

/** Errand's own contract: snake_case, the fields of both others, and every workflow as a tool. */
export const nativeContract: Contract = {
  name: 'native',
  instructions:
    'Runs workflows, which take seconds to minutes. Each workflow is a tool; list_workflows shows all of them with their cost in credits, ' +
    'and run_workflow starts any of them. An unfinished run is answered with a run_id and a next_action. Do what it says: call ' +
    'get_run_status with wait_seconds until terminal is true. Never start the same work again because an answer takes long.',
  tools: {
    fixed: [
      listWorkflows,
      getWorkflow,
      estimateWorkflow,
      runWorkflow,
      runBatch,
      getRunStatus,
      listRuns,
      cancelRun,
      answerRun,
      retryRun,
      rerun,
      getCredits,
      listSchedules,
      previewSchedule,
      createSchedule,
      updateSchedule,
      deleteSchedule,
      listHooks,
      createHook,
      deleteHook,
      sendEvent,
      checkWorkflow,
      tryWorkflow,
      readWorkflow,
      createWorkflow,
      updateWorkflow,
      deleteWorkflow,
      previewBulkJob,
      startBulkJob,
      getBulkJob,
      stopBulkJob,
    ],
    varying: workflowToolSet,
  },
  resources: nativeResources,
  prompts: nativePrompts,
  completions: nativeCompletions,
  tasks: runTasks,
  changes: nativeChanges,
  // As the protocol's authorization has it: every request carries the key, so a client without one learns at once that
  // it needs one.
  keyFor: 'every_message',
  limitsMutations: false,
  linksAccounts: true,
  renderResult: successJson,
  renderError: (error) => {
    if (error.code === 'unauthenticated') return { kind: 'refusal' };
    return { kind: 'result', json: resultJson(errorValue(error), { text: fullMessage(error), isError: true }) };
  },
  renderRefusal: (error) =>
    rpcError('serverError', error.message, {
      code: error.code,
      ...(error.retryAfterSeconds === null ? {} : { retry_after_seconds: error.retryAfterSeconds }),
    }),
};

function errorValue(error: ErrandError): JsonObject {
  return {
    error: {
      code: error.code,
      message: fullMessage(error),
      ...(error.problems.length === 0 ? {} : { problems: boundedProblems(error).map((problem) => ({ ...problem })) }),
      ...(error.retryAfterSeconds === null ? {} : { retry_after_seconds: error.retryAfterSeconds }),
    },
  };
}
