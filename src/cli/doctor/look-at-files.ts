import { existsSync } from 'node:fs';
import { loadChecked } from '../commands/workflows/load-checked.js';
import { faultLine } from '../commands/workflows/workflows-check.js';
import type { Findings } from '../../app/doctor/finding.js';

/** The workflow files, where they are on this machine: a server leaves out those that it cannot read. */
export async function lookAtFiles(dir: string, findings: Findings): Promise<void> {
  if (!existsSync(dir)) {
    findings.add('warning', 'files', `not looked at: there is no folder ${dir}. Set ERRAND_WORKFLOWS.`);
    return;
  }
  const { loaded } = await loadChecked(dir);
  for (const fault of loaded.faults) findings.add('fault', 'files', faultLine({ fault, dir, cwd: process.cwd() }));
  findings.okUnlessTold('files', `${loaded.workflows.length} workflows of ${dir} are in order`);
}
