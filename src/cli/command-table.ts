import type { CliCommand, CliGroup } from './command/command.js';
import { answerCommand } from './commands/runs/answer.js';
import { auditExportCommand } from './commands/audit/audit-export.js';
import { auditListCommand } from './commands/audit/audit-list.js';
import { auditVerifyCommand } from './commands/audit/audit-verify.js';
import { bulkListCommand, bulkShowCommand, bulkStopCommand } from './commands/bulk/bulk-list.js';
import { bulkStartCommand } from './commands/bulk/bulk-start.js';
import { backupCommand } from './commands/server/backup.js';
import { cancelCommand } from './commands/runs/cancel.js';
import { creditsCommand } from './commands/organizations/credits.js';
import { demoCommand } from './commands/server/demo.js';
import { drillCommand } from './commands/server/drill.js';
import { doctorOAuthCommand } from './commands/server/doctor-oauth.js';
import { doctorServerCommand } from './commands/server/doctor-server.js';
import { doctorCommand } from './commands/server/doctor.js';
import { grantsListCommand } from './commands/organizations/grants-list.js';
import { grantsRevokeCommand } from './commands/organizations/grants-revoke.js';
import {
  schedulesDeleteCommand,
  schedulesDisableCommand,
  schedulesEnableCommand,
  schedulesUpdateCommand,
} from './commands/schedules/schedules-change.js';
import { schedulesCreateCommand } from './commands/schedules/schedules-create.js';
import { schedulesListCommand } from './commands/schedules/schedules-list.js';
import { schedulesTimesCommand } from './commands/schedules/schedules-times.js';
import {
  webhooksDeleteCommand,
  webhooksDisableCommand,
  webhooksEnableCommand,
  webhooksRotateCommand,
  webhooksTestCommand,
} from './commands/webhooks/webhooks-change.js';
import {
  hooksCreateCommand,
  hooksDeleteCommand,
  hooksDisableCommand,
  hooksEnableCommand,
  hooksRotateCommand,
  hooksSetSecretCommand,
} from './commands/hooks/hooks-change.js';
import {
  draftsCheckCommand,
  draftsCreateCommand,
  draftsDeleteCommand,
  draftsListCommand,
  draftsPublishCommand,
  draftsShowCommand,
  draftsUpdateCommand,
} from './commands/drafts/drafts.js';
import { draftsTryCommand } from './commands/drafts/drafts-try.js';
import { workflowsDiffCommand } from './commands/drafts/diff.js';
import { sendCommand } from './commands/events/send.js';
import { eventsListCommand, eventsShowCommand } from './commands/events/events.js';
import { hooksListCommand } from './commands/hooks/hooks-list.js';
import { webhooksCreateCommand } from './commands/webhooks/webhooks-create.js';
import { webhooksDeliveriesCommand, webhooksReplayCommand } from './commands/webhooks/webhooks-deliveries.js';
import { webhooksListCommand } from './commands/webhooks/webhooks-list.js';
import { secretsListCommand, secretsRemoveCommand, secretsSetCommand } from './commands/secrets/secrets.js';
import { keysCreateCommand } from './commands/organizations/keys-create.js';
import { keysListCommand } from './commands/organizations/keys-list.js';
import { keysRevokeCommand } from './commands/organizations/keys-revoke.js';
import { modelsListCommand } from './commands/models/models-list.js';
import { modelsRemoveKeyCommand } from './commands/models/models-remove-key.js';
import { modelsSetKeyCommand } from './commands/models/models-set-key.js';
import { modelsTestCommand } from './commands/models/models-test.js';
import { orgsCreateCommand } from './commands/organizations/orgs-create.js';
import { orgsListCommand } from './commands/organizations/orgs-list.js';
import { orgsSetBillingCommand } from './commands/organizations/orgs-set-billing.js';
import { orgsSetCreditsCommand } from './commands/organizations/orgs-set-credits.js';
import { orgsTopUpCommand } from './commands/organizations/orgs-top-up.js';
import { orgsSetLimitsCommand } from './commands/organizations/orgs-set-limits.js';
import { orgsSetRetentionCommand } from './commands/organizations/orgs-set-retention.js';
import { topCommand } from './commands/server/top.js';
import { logLevelCommand } from './commands/server/log-level.js';
import { initCommand } from './commands/shell/init.js';
import { createCompletionCommand } from './commands/shell/completion.js';
import { mcpCommand } from './commands/server/mcp.js';
import { moveCommand } from './commands/server/move.js';
import { restoreCommand } from './commands/server/restore.js';
import { rerunCommand } from './commands/runs/rerun.js';
import { exportCommand } from './commands/runs/export.js';
import { openCommand } from './commands/runs/open.js';
import { retryCommand } from './commands/runs/retry.js';
import { runCommand } from './commands/runs/run.js';
import { runsCommand } from './commands/runs/runs.js';
import { serveCommand } from './commands/server/serve.js';
import { statusCommand } from './commands/runs/status.js';
import { usageCommand } from './commands/organizations/usage.js';
import { watchCommand } from './commands/runs/watch.js';
import { workflowsCheckCommand } from './commands/workflows/workflows-check.js';
import { workflowsPublishCommand } from './commands/workflows/workflows-publish.js';
import {
  workflowsRevertCommand,
  workflowsRollBackCommand,
  workflowsUnpublishCommand,
  workflowsVersionsCommand,
} from './commands/workflows/workflows-published.js';
import { workflowsListCommand } from './commands/workflows/workflows-list.js';
import { workflowsTypesCommand } from './commands/workflows/workflows-types.js';
import { workflowsEstimateCommand } from './commands/workflows/workflows-estimate.js';
import { workflowsShowCommand } from './commands/workflows/workflows-show.js';

/** Every command, in the order of the help. A new one is a file and a line here. */
export const COMMANDS: readonly CliCommand[] = [
  serveCommand,
  initCommand,
  mcpCommand,
  demoCommand,
  runCommand,
  statusCommand,
  watchCommand,
  runsCommand,
  cancelCommand,
  answerCommand,
  sendCommand,
  retryCommand,
  rerunCommand,
  bulkListCommand,
  bulkStartCommand,
  bulkShowCommand,
  bulkStopCommand,
  exportCommand,
  openCommand,
  workflowsListCommand,
  workflowsShowCommand,
  workflowsEstimateCommand,
  workflowsTypesCommand,
  workflowsCheckCommand,
  workflowsPublishCommand,
  workflowsVersionsCommand,
  workflowsRollBackCommand,
  workflowsRevertCommand,
  workflowsUnpublishCommand,
  workflowsDiffCommand,
  draftsListCommand,
  draftsShowCommand,
  draftsCheckCommand,
  draftsTryCommand,
  draftsCreateCommand,
  draftsUpdateCommand,
  draftsPublishCommand,
  draftsDeleteCommand,
  schedulesListCommand,
  schedulesTimesCommand,
  schedulesCreateCommand,
  schedulesUpdateCommand,
  schedulesDisableCommand,
  schedulesEnableCommand,
  schedulesDeleteCommand,
  webhooksListCommand,
  webhooksCreateCommand,
  webhooksDisableCommand,
  webhooksEnableCommand,
  webhooksRotateCommand,
  webhooksTestCommand,
  webhooksDeliveriesCommand,
  webhooksReplayCommand,
  webhooksDeleteCommand,
  eventsListCommand,
  eventsShowCommand,
  hooksListCommand,
  hooksCreateCommand,
  hooksDisableCommand,
  hooksEnableCommand,
  hooksSetSecretCommand,
  hooksRotateCommand,
  hooksDeleteCommand,
  secretsListCommand,
  secretsSetCommand,
  secretsRemoveCommand,
  modelsListCommand,
  modelsTestCommand,
  modelsSetKeyCommand,
  modelsRemoveKeyCommand,
  usageCommand,
  creditsCommand,
  keysListCommand,
  keysCreateCommand,
  keysRevokeCommand,
  grantsListCommand,
  grantsRevokeCommand,
  orgsListCommand,
  orgsCreateCommand,
  orgsSetCreditsCommand,
  orgsTopUpCommand,
  orgsSetBillingCommand,
  orgsSetLimitsCommand,
  orgsSetRetentionCommand,
  auditListCommand,
  auditExportCommand,
  auditVerifyCommand,
  topCommand,
  logLevelCommand,
  backupCommand,
  restoreCommand,
  drillCommand,
  moveCommand,
  doctorCommand,
  doctorServerCommand,
  doctorOAuthCommand,
  createCompletionCommand(() => ({ commands: COMMANDS, groups: GROUPS })),
];

export const GROUPS: readonly CliGroup[] = [
  { name: 'audit', summary: 'List, export and check who changed what', standsFor: 'list' },
  { name: 'bulk', summary: 'Cancel, retry or repeat all runs that a filter finds', standsFor: 'list' },
  { name: 'doctor', summary: 'Check the data, the whole server, or whether hosts can sign in', standsFor: 'data' },
  { name: 'workflows', summary: 'List, show, check and publish workflows, and write their types', standsFor: 'list' },
  {
    name: 'drafts',
    summary: 'List, check, try, keep and publish definitions that are being written',
    standsFor: 'list',
  },
  { name: 'schedules', summary: 'List, make and change what starts runs at times', standsFor: 'list' },
  { name: 'webhooks', summary: 'List, make and change what tells others of runs', standsFor: 'list' },
  { name: 'events', summary: 'List and show the events that were sent and are kept', standsFor: 'list' },
  { name: 'hooks', summary: 'List, make and change what lets others start runs', standsFor: 'list' },
  { name: 'secrets', summary: 'List, set and remove what workflows use and nobody sees', standsFor: 'list' },
  { name: 'models', summary: 'List models, test them and set keys for them', standsFor: 'list' },
  { name: 'keys', summary: 'List, make and revoke API keys', standsFor: 'list' },
  { name: 'grants', summary: 'List and revoke what clients may do that people signed in for', standsFor: 'list' },
  {
    name: 'orgs',
    summary: 'List and make organizations, set their credits, billing day, limits and retention',
    standsFor: 'list',
  },
];
