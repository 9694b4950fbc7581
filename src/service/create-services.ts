import { listAudit, recordServerChange, verifyAudit } from './audit/audit.js';
import { answerRun } from './runs/change/answer-run.js';
import { NO_WAITS } from '../core/ports/engine.js';
import { isTerminal } from '../core/run/run.js';
import { followRun } from './runs/follow/follow-run.js';
import { getCredits, listCreditMovements, setCreditLimit } from './organizations/credits.js';
import { readLimits } from './organizations/limits.js';
import { topUpCredits } from './organizations/top-up.js';
import type { ServiceDeps } from './use-case/deps.js';
import { listGrants, revokeGrant } from './grants/grants.js';
import { createKey, listKeys, revokeKey } from './organizations/keys.js';
import { listNodeItems } from './runs/node-items.js';
import { getNodeInput, getRunGraph } from './runs/run-plan.js';
import { listNodeOutputs } from './runs/node-outputs.js';
import {
  describeModels,
  getUsage,
  listModelCredentials,
  removeModelCredential,
  setModelCredential,
} from './models/models.js';
import { testModel } from './models/test-model.js';
import { createOrganization, listOrganizations, updateOrganization } from './organizations/organizations.js';
import { explainNotReady, listNotReady } from './runs/accept/readiness.js';
import { rerun } from './runs/accept/rerun.js';
import { retryRun } from './runs/change/retry-run.js';
import { runWorkflow } from './runs/accept/run-workflow.js';
import { estimateWorkflow } from './catalog/estimate-workflow.js';
import { runBatch } from './runs/accept/run-batch.js';
import { getBulkJob, listBulkJobs, startBulkJob, stopBulkJob } from './runs/bulk/bulk-jobs.js';
import { previewBulkJob } from './runs/bulk/preview.js';
import type { BulkServices } from './interface/bulk.js';
import { searchRuns } from './runs/search/search-runs.js';
import { readOverview } from './overview/read-overview.js';
import { readDays } from './overview/read-days.js';
import { readTrends } from './overview/read-trends.js';
import { cancelRun, getRun, getRunInput, listRunEvents, listRuns } from './runs/runs.js';
import type { Services } from './interface/services.js';
import { KeyWatch } from './state/key-watch.js';
import { Changes } from './state/changes.js';
import {
  createSchedule,
  deleteSchedule,
  getSchedule,
  listSchedules,
  previewTimes,
  updateSchedule,
} from './schedules/schedules.js';
import { getDelivery, listDeliveries, replayDeliveries, replayDelivery, testWebhook } from './webhooks/deliveries.js';
import {
  createWebhook,
  deleteWebhook,
  getCallbackSecret,
  getWebhook,
  listWebhooks,
  rotateWebhookSecret,
  updateWebhook,
} from './webhooks/webhooks.js';
import {
  createHook,
  deleteHook,
  getHook,
  listHooks,
  rotateHookToken,
  setHookSecret,
  updateHook,
} from './hooks/hooks.js';
import { getSentEvent, listSentEvents } from './events/list-events.js';
import { sendEvent } from './events/send-event.js';
import { openHook } from './hooks/receive.js';
import type { HookServices } from './interface/hooks.js';
import { checkWorkflow } from './authoring/check-text.js';
import { tryWorkflow } from './authoring/try-workflow.js';
import { createDraft, deleteDraft, getDraft, listDrafts, publishDraft, updateDraft } from './authoring/drafts.js';
import { diffDraft, diffVersions } from './authoring/diff.js';
import { publishWorkflows } from './authoring/publish.js';
import {
  getPublishedVersion,
  listPublications,
  listPublishedVersions,
  revertPublication,
  rollBackWorkflow,
  unpublishWorkflow,
} from './authoring/versions.js';
import type { AuthoringServices } from './interface/authoring.js';
import type { ScheduleServices } from './interface/schedules.js';
import type { SecretServices } from './interface/secrets.js';
import type { WebhookServices } from './interface/webhooks.js';
import { listSecrets, removeSecret, setSecret } from './secrets/secrets.js';
import { waitForRun } from './runs/follow/wait-for-run.js';
import { watchRun } from './runs/follow/watch-run.js';
import { findWorkflow, listWorkflows } from './catalog/workflows.js';

/** `keyWatch` and `schedules` are its own when not given. */
export function createServices(
  given: Omit<ServiceDeps, 'keyWatch' | 'schedules'> & Partial<Pick<ServiceDeps, 'keyWatch' | 'schedules'>>,
): Services {
  const deps: ServiceDeps = {
    ...given,
    keyWatch: given.keyWatch ?? new KeyWatch(given.clock),
    schedules: given.schedules ?? new Changes(),
  };
  return {
    clock: deps.clock,
    listWorkflows: async (caller) => listWorkflows(deps, caller),
    getWorkflow: async (caller, { workflowId }) => findWorkflow(deps, caller, workflowId).record,
    listNotReady: (caller) => listNotReady(deps, caller),
    explainNotReady: (caller, params) => explainNotReady(deps, caller, params),
    runWorkflow: (caller, params) => runWorkflow(deps, caller, params),
    getRun: (caller, { runId }) => getRun(deps, caller, runId),
    waitForRun: (caller, params) => waitForRun(deps, caller, params),
    listRuns: (caller, params) => listRuns(deps, caller, params),
    answerRun: (caller, params) => answerRun(deps, caller, params),
    explainWaits: async (caller, run) =>
      run.organizationId === caller.organizationId && !isTerminal(run.status)
        ? deps.engine.explainWaits({ runId: run.id })
        : NO_WAITS,
    cancelRun: (caller, params) => cancelRun(deps, caller, params),
    retryRun: (caller, params) => retryRun(deps, caller, params),
    rerun: (caller, params) => rerun(deps, caller, params),
    getRunInput: (caller, { runId }) => getRunInput(deps, caller, runId),
    listRunEvents: (caller, params) => listRunEvents(deps, caller, params),
    watchRun: (caller, params) => watchRun(deps, caller, params),
    followRun: (caller, params) => followRun(deps, caller, params),
    listNodeItems: (caller, params) => listNodeItems(deps, caller, params),
    getRunGraph: (caller, { runId }) => getRunGraph(deps, caller, runId),
    getNodeInput: (caller, params) => getNodeInput(deps, caller, params),
    listNodeOutputs: (caller, { runId }) => listNodeOutputs(deps, caller, runId),
    onKeyEnded: (caller, listener) => deps.keyWatch.watch(caller, listener),
    onWorkflowsChanged: ({ organizationId }, listener) =>
      deps.catalog.onChanged((owner) => {
        if (owner === null || owner === organizationId) listener();
      }),
    ...creditServices(deps),
    ...manyRunServices(deps),
    ...tenantServices(deps),
    ...webhookServices(deps),
    ...hookServices(deps),
    sendEvent: (caller, params) => sendEvent(deps, caller, params),
    listSentEvents: (caller, params) => listSentEvents(deps, caller, params),
    getSentEvent: (caller, params) => getSentEvent(deps, caller, params),
    ...secretServices(deps),
    ...scheduleServices(deps),
    ...authoringServices(deps),
    ...modelServices(deps),
    listAudit: (caller, params) => listAudit(deps, caller, params),
    recordServerChange: (caller, change) => recordServerChange(deps, caller, change),
    verifyAudit: (caller, params) => verifyAudit(deps, caller, params),
    checkReady: async () => {
      await deps.engine.assertAccepting();
      await deps.store.checkWritable();
    },
  };
}

type ModelServices = Pick<
  Services,
  'describeModels' | 'testModel' | 'listModelCredentials' | 'setModelCredential' | 'removeModelCredential' | 'getUsage'
>;

function modelServices(deps: ServiceDeps): ModelServices {
  return {
    describeModels: (caller, params) => describeModels(deps, caller, params),
    testModel: (caller, params) => testModel(deps, caller, params),
    listModelCredentials: (caller, params) => listModelCredentials(deps, caller, params),
    setModelCredential: (caller, params) => setModelCredential(deps, caller, params),
    removeModelCredential: (caller, params) => removeModelCredential(deps, caller, params),
    getUsage: (caller, params) => getUsage(deps, caller, params),
  };
}

type CreditServices = Pick<Services, 'getCredits' | 'listCreditMovements' | 'setCreditLimit' | 'topUpCredits'>;

function creditServices(deps: ServiceDeps): CreditServices {
  return {
    getCredits: (caller, params = {}) => getCredits(deps, caller, params),
    listCreditMovements: (caller, params) => listCreditMovements(deps, caller, params),
    setCreditLimit: (caller, params) => setCreditLimit(deps, caller, params),
    topUpCredits: (caller, params) => topUpCredits(deps, caller, params),
  };
}

type ManyRunServices = Pick<
  Services,
  'estimateWorkflow' | 'readDays' | 'readLimits' | 'readOverview' | 'readTrends' | 'runBatch' | 'searchRuns'
>;

function manyRunServices(deps: ServiceDeps): ManyRunServices & BulkServices {
  return {
    ...bulkServices(deps),
    readOverview: (caller) => readOverview(deps, caller),
    readLimits: (caller, params = {}) => readLimits(deps, caller, params),
    readDays: (caller, params) => readDays(deps, caller, params),
    readTrends: (caller, params) => readTrends(deps, caller, params),
    estimateWorkflow: (caller, params) => estimateWorkflow(deps, caller, params),
    runBatch: (caller, requests) => runBatch(deps, caller, requests),
    searchRuns: (caller, params) => searchRuns(deps, caller, params),
  };
}

function bulkServices(deps: ServiceDeps): BulkServices {
  return {
    previewBulkJob: (caller, params) => previewBulkJob(deps, caller, params),
    startBulkJob: (caller, params) => startBulkJob(deps, caller, params),
    listBulkJobs: (caller) => listBulkJobs(deps, caller),
    getBulkJob: (caller, params) => getBulkJob(deps, caller, params),
    stopBulkJob: (caller, params) => stopBulkJob(deps, caller, params),
    onBulkJobStarted: (listener) => deps.bulkStarts?.onChanged(listener) ?? (() => undefined),
  };
}

type TenantServices = Pick<
  Services,
  | 'createOrganization'
  | 'updateOrganization'
  | 'listOrganizations'
  | 'createKey'
  | 'listKeys'
  | 'revokeKey'
  | 'listGrants'
  | 'revokeGrant'
>;

function tenantServices(deps: ServiceDeps): TenantServices {
  return {
    createOrganization: (caller, params) => createOrganization(deps, caller, params),
    updateOrganization: (caller, params) => updateOrganization(deps, caller, params),
    listOrganizations: (caller, params) => listOrganizations(deps, caller, params),
    createKey: (caller, params) => createKey(deps, caller, params),
    listKeys: (caller, params) => listKeys(deps, caller, params),
    revokeKey: (caller, params) => revokeKey(deps, caller, params),
    listGrants: (caller, params) => listGrants(deps, caller, params),
    revokeGrant: (caller, params) => revokeGrant(deps, caller, params),
  };
}

function webhookServices(deps: ServiceDeps): WebhookServices {
  return {
    createWebhook: (caller, params) => createWebhook(deps, caller, params),
    listWebhooks: (caller, params) => listWebhooks(deps, caller, params),
    getWebhook: (caller, params) => getWebhook(deps, caller, params),
    updateWebhook: (caller, params) => updateWebhook(deps, caller, params),
    deleteWebhook: (caller, params) => deleteWebhook(deps, caller, params),
    rotateWebhookSecret: (caller, params) => rotateWebhookSecret(deps, caller, params),
    getCallbackSecret: (caller, params) => getCallbackSecret(deps, caller, params),
    testWebhook: (caller, params) => testWebhook(deps, caller, params),
    listDeliveries: (caller, params) => listDeliveries(deps, caller, params),
    getDelivery: (caller, params) => getDelivery(deps, caller, params),
    replayDelivery: (caller, params) => replayDelivery(deps, caller, params),
    replayDeliveries: (caller, params) => replayDeliveries(deps, caller, params),
  };
}

function hookServices(deps: ServiceDeps): HookServices {
  return {
    createHook: (caller, params) => createHook(deps, caller, params),
    listHooks: (caller, params) => listHooks(deps, caller, params),
    getHook: (caller, params) => getHook(deps, caller, params),
    updateHook: (caller, params) => updateHook(deps, caller, params),
    deleteHook: (caller, params) => deleteHook(deps, caller, params),
    rotateHookToken: (caller, params) => rotateHookToken(deps, caller, params),
    setHookSecret: (caller, params) => setHookSecret(deps, caller, params),
    openHook: (token) => openHook(deps, token),
  };
}

function secretServices(deps: ServiceDeps): SecretServices {
  return {
    listSecrets: (caller, params) => listSecrets(deps, caller, params),
    setSecret: (caller, params) => setSecret(deps, caller, params),
    removeSecret: (caller, params) => removeSecret(deps, caller, params),
  };
}

function authoringServices(deps: ServiceDeps): AuthoringServices {
  return {
    checkWorkflow: (caller, params) => checkWorkflow(deps, caller, params),
    tryWorkflow: (caller, params) => tryWorkflow(deps, caller, params),
    createDraft: (caller, params) => createDraft(deps, caller, params),
    updateDraft: (caller, params) => updateDraft(deps, caller, params),
    getDraft: (caller, params) => getDraft(deps, caller, params),
    listDrafts: (caller, params) => listDrafts(deps, caller, params),
    deleteDraft: (caller, params) => deleteDraft(deps, caller, params),
    publishDraft: (caller, params) => publishDraft(deps, caller, params),
    publishWorkflows: (caller, params) => publishWorkflows(deps, caller, params),
    listPublishedVersions: (caller, params) => listPublishedVersions(deps, caller, params),
    getPublishedVersion: (caller, params) => getPublishedVersion(deps, caller, params),
    diffVersions: (caller, params) => diffVersions(deps, caller, params),
    diffDraft: (caller, params) => diffDraft(deps, caller, params),
    rollBackWorkflow: (caller, params) => rollBackWorkflow(deps, caller, params),
    unpublishWorkflow: (caller, params) => unpublishWorkflow(deps, caller, params),
    listPublications: (caller, params) => listPublications(deps, caller, params),
    revertPublication: (caller, params) => revertPublication(deps, caller, params),
  };
}

function scheduleServices(deps: ServiceDeps): ScheduleServices {
  return {
    createSchedule: (caller, params) => createSchedule(deps, caller, params),
    listSchedules: (caller, params) => listSchedules(deps, caller, params),
    getSchedule: (caller, params) => getSchedule(deps, caller, params),
    updateSchedule: (caller, params) => updateSchedule(deps, caller, params),
    deleteSchedule: (caller, params) => deleteSchedule(deps, caller, params),
    previewTimes: async (caller, params) => previewTimes(deps, caller, params),
    onSchedulesChanged: (listener) => deps.schedules.onChanged(listener),
  };
}
