import { relative, resolve } from 'node:path';
import type { Fault } from '../../../core/workflow/definition.js';
import type { CliContext } from '../../command/cli-context.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { oneLine } from '../../terminal/text-width.js';
import { loadChecked } from './load-checked.js';

export const workflowsCheckCommand: CliCommand = {
  name: 'workflows check',
  summary: 'Check a folder of workflows and report every fault',
  details:
    'Reads the definitions and their handlers as the server would, without one. Each fault is a line, file:line:column first, as editors and CI understand it. Exits with ' +
    '1 when there is any. Warnings tell where a workflow is shown to MCP hosts in another way than it was written, because some of them refuse it as it is.',
  arguments: [{ name: '[dir]', description: 'the folder (default: ERRAND_WORKFLOWS, or ./workflows)' }],
  examples: ['errand workflows check ./workflows', 'errand workflows check ./workflows --json | jq .faults'],
  async run(context, given) {
    const { dir, loaded } = await loadChecked(given.argument(0) || context.io.env['ERRAND_WORKFLOWS'] || 'workflows');
    const { workflows, faults, warnings } = loaded;
    const ids = workflows.map((workflow) => workflow.definition.id);
    const checked: Checked = { workflows: ids, faults, ...(warnings.length === 0 ? {} : { warnings }) };
    if (context.json) context.printJson(checked);
    else printChecked({ context, dir, checked });
    return checked.faults.length === 0 ? EXIT.ok : EXIT.error;
  },
};

interface Checked {
  readonly workflows: readonly string[];
  readonly faults: readonly Fault[];
  /** Absent when there are none. */
  readonly warnings?: readonly Fault[];
}

function printChecked(params: { readonly context: CliContext; readonly dir: string; readonly checked: Checked }): void {
  const { context, dir } = params;
  const { workflows, faults, warnings = [] } = params.checked;
  const { style } = context;
  for (const { message, ...fault } of warnings) {
    context.print(faultLine({ fault: { ...fault, message: `warning: ${message}` }, dir, cwd: process.cwd() }));
  }
  for (const fault of faults) context.print(faultLine({ fault, dir, cwd: process.cwd() }));
  if (faults.length > 0) {
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    context.note(style('red', count));
    return;
  }
  const count = workflows.length === 1 ? '1 workflow is' : `${workflows.length} workflows are`;
  context.print(workflows.length === 0 ? 'No workflows there.' : `${count} in order: ${workflows.join(', ')}`);
}

/** `workflows/a.yaml:12:5 nodes[2].needs[0]: no node has this id ("crwl")`. The fault's file is relative to `dir`. */
export function faultLine(params: { readonly fault: Fault; readonly dir: string; readonly cwd: string }): string {
  const { fault, dir, cwd } = params;
  const file = resolve(dir, fault.file);
  const near = relative(cwd, file);
  const place = [near.startsWith('..') ? file : near, fault.line, fault.column].filter((part) => part !== null);
  const where = fault.path === '' ? place.join(':') : `${place.join(':')} ${fault.path}`;
  const value = fault.value === undefined ? '' : ` (${JSON.stringify(fault.value)})`;
  return oneLine(`${where}: ${fault.message}${value}`);
}
