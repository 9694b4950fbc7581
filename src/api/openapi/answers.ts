import type { JsonSchema } from '../../core/json.js';
import { LOG_LEVELS } from '../../core/ports/logger.js';
import type * as authoring from '../endpoints/authoring.js';
import type * as audit from '../endpoints/audit.js';
import type * as grants from '../endpoints/grants.js';
import type * as hooks from '../endpoints/hooks.js';
import type * as models from '../endpoints/models.js';
import type * as organizations from '../endpoints/organizations.js';
import type * as server from '../endpoints/server.js';
import type * as runs from '../endpoints/runs.js';
import type * as schedules from '../endpoints/schedules.js';
import type * as secrets from '../endpoints/secrets.js';
import type * as webhooks from '../endpoints/webhooks.js';
import type * as workflows from '../endpoints/workflows.js';
import type { AnswerOf, AnyEndpoint } from '../endpoint.js';
import { reference } from './schemas.js';
import { DAYS_SHAPE, ESTIMATE_SHAPE, OVERVIEW_SHAPE, trendShape } from './many-runs-shapes.js';
import { DOCTOR_SHAPE, PROCESS_SHAPE, SYSTEM_SHAPE } from './system-shape.js';
import { INTEGER, listOf, oneOf, orNull, shapeOf, TEXT } from './shape.js';

type Name =
  | keyof typeof authoring
  | keyof typeof workflows
  | keyof typeof runs
  | keyof typeof schedules
  | keyof typeof webhooks
  | keyof typeof hooks
  | keyof typeof secrets
  | keyof typeof organizations
  | keyof typeof grants
  | keyof typeof models
  | keyof typeof server
  | keyof typeof audit;

type Declared<Group> = { readonly [K in keyof Group]: Group[K] extends AnyEndpoint ? AnswerOf<Group[K]> : never };
type Answers = Declared<typeof workflows> &
  Declared<typeof authoring> &
  Declared<typeof runs> &
  Declared<typeof schedules> &
  Declared<typeof webhooks> &
  Declared<typeof hooks> &
  Declared<typeof secrets> &
  Declared<typeof organizations> &
  Declared<typeof grants> &
  Declared<typeof models> &
  Declared<typeof server> &
  Declared<typeof audit>;

/** The schema of an answer that is an object with these fields. */
function fieldsOf<K extends Name>(_name: K) {
  return shapeOf<Answers[K] & object>();
}

/** What each endpoint answers, by its name; null: nothing. */
export const ANSWERS: { readonly [K in Name]: JsonSchema | null } = {
  listWorkflows: fieldsOf('listWorkflows')({ workflows: listOf(reference('Workflow')) }),
  getWorkflow: reference('Workflow'),
  checkWorkflow: reference('CheckedText'),
  tryWorkflow: reference('DryRun'),
  createDraft: reference('Draft'),
  listDrafts: fieldsOf('listDrafts')({ drafts: listOf(reference('DraftItem')), next_before: orNull(TEXT) }),
  getDraft: reference('Draft'),
  updateDraft: reference('Draft'),
  publishDraft: reference('Published'),
  deleteDraft: null,
  diffDraft: reference('WorkflowDiff'),
  diffVersions: reference('WorkflowDiff'),
  publishWorkflows: reference('Published'),
  listPublications: fieldsOf('listPublications')({ publications: listOf(reference('Publication')) }),
  revertPublication: reference('Publication'),
  listWorkflowVersions: fieldsOf('listWorkflowVersions')({
    versions: listOf(reference('VersionItem')),
    published: orNull(INTEGER),
  }),
  getWorkflowVersion: reference('WorkflowVersion'),
  rollBackWorkflow: reference('Published'),
  unpublishWorkflow: reference('Publication'),
  estimateWorkflow: ESTIMATE_SHAPE,
  getOverview: OVERVIEW_SHAPE,
  getDays: DAYS_SHAPE,
  listTrends: fieldsOf('listTrends')({
    workflows: listOf(trendShape(reference('RunListItem'))),
    next_after: orNull(TEXT),
  }),
  listRuns: fieldsOf('listRuns')({
    runs: listOf(reference('RunListItem')),
    total: orNull(INTEGER),
    limit: INTEGER,
    offset: INTEGER,
    next_before: orNull(TEXT),
  }),
  startRun: reference('Run'),
  startRuns: fieldsOf('startRuns')({
    started: INTEGER,
    repeated: INTEGER,
    refused: INTEGER,
    outcomes: listOf(reference('BatchOutcome')),
  }),
  previewBulkJob: reference('BulkPreview'),
  startBulkJob: reference('BulkJob'),
  listBulkJobs: fieldsOf('listBulkJobs')({ bulk_jobs: listOf(reference('BulkJob')) }),
  getBulkJob: reference('BulkJob'),
  stopBulkJob: reference('BulkJob'),
  getRun: reference('Run'),
  cancelRun: reference('Run'),
  answerNode: reference('Run'),
  listNodeItems: fieldsOf('listNodeItems')({ items: listOf(reference('NodeItem')), next_after: orNull(INTEGER) }),
  getRunGraph: fieldsOf('getRunGraph')({ nodes: listOf(reference('GraphNode')) }),
  getNodeInput: reference('NodeInput'),
  retryRun: reference('Run'),
  rerun: reference('Run'),
  listRunEvents: fieldsOf('listRunEvents')({ events: listOf(reference('Event')), next_after: orNull(INTEGER) }),
  listSchedules: fieldsOf('listSchedules')({ schedules: listOf(reference('Schedule')) }),
  createSchedule: reference('Schedule'),
  previewSchedule: fieldsOf('previewSchedule')({ times: listOf(reference('NextTime')) }),
  getSchedule: reference('Schedule'),
  listScheduleTimes: fieldsOf('listScheduleTimes')({ times: listOf(reference('NextTime')) }),
  updateSchedule: reference('Schedule'),
  deleteSchedule: null,
  listSecrets: fieldsOf('listSecrets')({ secrets: listOf(reference('Secret')) }),
  setSecret: reference('Secret'),
  removeSecret: null,
  listWebhooks: fieldsOf('listWebhooks')({ webhooks: listOf(reference('Webhook')) }),
  createWebhook: reference('NewWebhook'),
  getCallbackSecret: reference('CallbackSecret'),
  rotateCallbackSecret: reference('CallbackSecret'),
  getWebhook: reference('Webhook'),
  updateWebhook: reference('Webhook'),
  deleteWebhook: null,
  rotateWebhookSecret: reference('NewWebhook'),
  testWebhook: reference('DeliveryWithPayload'),
  replayDeliveries: fieldsOf('replayDeliveries')({ replayed: INTEGER }),
  listDeliveries: fieldsOf('listDeliveries')({ deliveries: listOf(reference('Delivery')) }),
  getDelivery: reference('DeliveryWithPayload'),
  replayDelivery: reference('DeliveryWithPayload'),
  listHooks: fieldsOf('listHooks')({ hooks: listOf(reference('Hook')) }),
  createHook: reference('NewHook'),
  getHook: reference('Hook'),
  updateHook: reference('Hook'),
  deleteHook: null,
  rotateHookAddress: reference('NewHook'),
  setHookSecret: reference('Hook'),
  sendEvent: reference('SentEvent'),
  listSentEvents: fieldsOf('listSentEvents')({ events: listOf(reference('ListedEvent')) }),
  getSentEvent: reference('EventWithData'),
  getCredits: reference('Credits'),
  getLimits: reference('Limits'),
  listCreditMovements: fieldsOf('listCreditMovements')({ movements: listOf(reference('CreditMovement')) }),
  listKeys: fieldsOf('listKeys')({ keys: listOf(reference('Key')) }),
  createKey: reference('NewKey'),
  revokeKey: null,
  listGrants: fieldsOf('listGrants')({ grants: listOf(reference('Grant')) }),
  revokeGrant: null,
  listOrganizations: fieldsOf('listOrganizations')({
    organizations: listOf(reference('Organization')),
    total: INTEGER,
  }),
  createOrganization: reference('Organization'),
  updateOrganization: reference('Organization'),
  setCredits: reference('Credits'),
  topUpCredits: reference('TopUp'),
  listModels: reference('Models'),
  testModel: reference('ModelTest'),
  listModelCredentials: fieldsOf('listModelCredentials')({ credentials: listOf(reference('ModelCredential')) }),
  setModelCredential: reference('ModelCredential'),
  removeModelCredential: null,
  getUsage: reference('MonthUsage'),
  listAudit: fieldsOf('listAudit')({ entries: listOf(reference('AuditEntry')) }),
  exportAudit: fieldsOf('exportAudit')({ entries: listOf(reference('AuditEntry')) }),
  verifyAudit: reference('TrailCheck'),
  getSystem: SYSTEM_SHAPE,
  listProcesses: fieldsOf('listProcesses')({ processes: listOf(PROCESS_SHAPE) }),
  getDoctor: DOCTOR_SHAPE,
  getLogLevel: fieldsOf('getLogLevel')({ level: oneOf(LOG_LEVELS) }),
  setLogLevel: fieldsOf('setLogLevel')({ level: oneOf(LOG_LEVELS) }),
};
