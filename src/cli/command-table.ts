import type { CliCommand, CliGroup } from './command/command.js';
import { answerCommand } from './commands/answer.js';
import { backupCommand } from './commands/backup.js';
import { cancelCommand } from './commands/cancel.js';
import { creditsCommand } from './commands/credits.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { keysCreateCommand } from './commands/keys-create.js';
import { keysListCommand } from './commands/keys-list.js';
import { keysRevokeCommand } from './commands/keys-revoke.js';
import { modelsListCommand } from './commands/models-list.js';
import { modelsRemoveKeyCommand } from './commands/models-remove-key.js';
import { modelsSetKeyCommand } from './commands/models-set-key.js';
import { modelsTestCommand } from './commands/models-test.js';
import { orgsCreateCommand } from './commands/orgs-create.js';
import { orgsListCommand } from './commands/orgs-list.js';
import { orgsSetCreditsCommand } from './commands/orgs-set-credits.js';
import { orgsSetLimitsCommand } from './commands/orgs-set-limits.js';
import { orgsSetRetentionCommand } from './commands/orgs-set-retention.js';
import { mcpCommand } from './commands/mcp.js';
import { restoreCommand } from './commands/restore.js';
import { rerunCommand } from './commands/rerun.js';
import { retryCommand } from './commands/retry.js';
import { runCommand } from './commands/run.js';
import { runsCommand } from './commands/runs.js';
import { serveCommand } from './commands/serve.js';
import { statusCommand } from './commands/status.js';
import { usageCommand } from './commands/usage.js';
import { watchCommand } from './commands/watch.js';
import { workflowsCheckCommand } from './commands/workflows-check.js';
import { workflowsListCommand } from './commands/workflows-list.js';
import { workflowsShowCommand } from './commands/workflows-show.js';

/** Every command, in the order of the help. A new one is a file and a line here. */
export const COMMANDS: readonly CliCommand[] = [
  serveCommand,
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
  workflowsCheckCommand,
  modelsListCommand,
  modelsTestCommand,
  modelsSetKeyCommand,
  modelsRemoveKeyCommand,
  usageCommand,
  creditsCommand,
  keysListCommand,
  keysCreateCommand,
  keysRevokeCommand,
  orgsListCommand,
  orgsCreateCommand,
  orgsSetCreditsCommand,
  orgsSetLimitsCommand,
  orgsSetRetentionCommand,
  backupCommand,
  restoreCommand,
  doctorCommand,
];

export const GROUPS: readonly CliGroup[] = [
  { name: 'workflows', summary: 'List, show and check workflows', standsFor: 'list' },
  { name: 'models', summary: 'List models, test them and set keys for them', standsFor: 'list' },
  { name: 'keys', summary: 'List, make and revoke API keys', standsFor: 'list' },
  { name: 'orgs', summary: 'List and make organizations, set their credits, limits and retention', standsFor: 'list' },
];
