import type { CliCommand, CliGroup } from './command/command.js';
import { answerCommand } from './commands/runs/answer.js';
import { auditExportCommand } from './commands/audit/audit-export.js';
import { auditListCommand } from './commands/audit/audit-list.js';
import { auditVerifyCommand } from './commands/audit/audit-verify.js';
import { backupCommand } from './commands/server/backup.js';
import { cancelCommand } from './commands/runs/cancel.js';
import { creditsCommand } from './commands/organizations/credits.js';
import { demoCommand } from './commands/server/demo.js';
import { drillCommand } from './commands/server/drill.js';
import { doctorOAuthCommand } from './commands/server/doctor-oauth.js';
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
import { orgsSetLimitsCommand } from './commands/organizations/orgs-set-limits.js';
import { orgsSetRetentionCommand } from './commands/organizations/orgs-set-retention.js';
import { logLevelCommand } from './commands/server/log-level.js';
import { initCommand } from './commands/shell/init.js';
import { createCompletionCommand } from './commands/shell/completion.js';
import { mcpCommand } from './commands/server/mcp.js';
import { restoreCommand } from './commands/server/restore.js';
import { rerunCommand } from './commands/runs/rerun.js';
import { retryCommand } from './commands/runs/retry.js';
import { runCommand } from './commands/runs/run.js';
import { runsCommand } from './commands/runs/runs.js';
import { serveCommand } from './commands/server/serve.js';
import { statusCommand } from './commands/runs/status.js';
import { usageCommand } from './commands/organizations/usage.js';
import { watchCommand } from './commands/runs/watch.js';
import { workflowsCheckCommand } from './commands/workflows/workflows-check.js';
import { workflowsListCommand } from './commands/workflows/workflows-list.js';
import { workflowsTypesCommand } from './commands/workflows/workflows-types.js';
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
  retryCommand,
  rerunCommand,
  workflowsListCommand,
  workflowsShowCommand,
  workflowsTypesCommand,
  workflowsCheckCommand,
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
  orgsSetBillingCommand,
  orgsSetLimitsCommand,
  orgsSetRetentionCommand,
  auditListCommand,
  auditExportCommand,
  auditVerifyCommand,
  logLevelCommand,
  backupCommand,
  restoreCommand,
  drillCommand,
  doctorCommand,
  doctorOAuthCommand,
  createCompletionCommand(() => ({ commands: COMMANDS, groups: GROUPS })),
];

export const GROUPS: readonly CliGroup[] = [
  { name: 'audit', summary: 'List, export and check who changed what', standsFor: 'list' },
  { name: 'doctor', summary: 'Check the data, or whether hosts can sign in', standsFor: 'data' },
  { name: 'workflows', summary: 'List, show and check workflows, and write their types', standsFor: 'list' },
  { name: 'schedules', summary: 'List, make and change what starts runs at times', standsFor: 'list' },
  { name: 'webhooks', summary: 'List, make and change what tells others of runs', standsFor: 'list' },
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
