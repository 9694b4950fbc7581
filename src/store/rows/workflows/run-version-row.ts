import type { RunVersion } from '../../../core/ports/store/run-store.js';
import type { Run } from '../../../core/run/run.js';
import { workflowKeyOfRun } from '../../../core/workflow/workflow-key.js';
import type { RunListRow } from '../run-row.js';
import { decodeText } from '../text.js';

export const VERSION_COLUMNS = 'id, organization_id, workflow_id, workflow_version, origin';
export type RunVersionRow = Pick<RunListRow, 'id' | 'organization_id' | 'workflow_id' | 'workflow_version' | 'origin'>;

export function toRunVersion(row: RunVersionRow): RunVersion {
  const origin = row.origin === null ? {} : (JSON.parse(row.origin) as Pick<Run, 'ownWorkflow'>);
  const organizationId = decodeText(row.organization_id);
  const workflowId = workflowKeyOfRun({ ...origin, workflowId: decodeText(row.workflow_id), organizationId });
  return { runId: decodeText(row.id), workflowId, version: row.workflow_version };
}
