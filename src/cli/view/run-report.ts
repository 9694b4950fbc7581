import type { Json } from '../../core/json.js';
import type { ApiRun } from '../../api/api-types.js';
import { describeUsage } from '../api/model-usage.js';
import { nodeName } from './run-view.js';
import type { Style } from '../terminal/style.js';
import { oneLine, safeText, wrap } from '../terminal/text-width.js';

const OUTPUT_LINES = 24;

/** What came of a run, for people, below its picture: error, summary, findings, credits and the start of the output. */
export function renderRunReport(params: {
  readonly run: ApiRun;
  readonly width: number;
  readonly style: Style;
}): string[] {
  const { run, width, style } = params;
  const sections: string[][] = [];
  if (run.error !== null) {
    const where = run.error.node_id === null ? '' : ` in ${run.error.node_id}`;
    sections.push([style('red', `Failed${where}`), ...paragraph(run.error.message, width)]);
  }
  if (run.summary !== null) sections.push([style('bold', 'Summary'), ...paragraph(run.summary, width)]);
  const failed = run.nodes.filter((node) => node.status === 'failed' && node.id !== run.error?.node_id);
  if (failed.length > 0) {
    sections.push([
      style('red', 'Failed'),
      ...failed.flatMap((node) =>
        paragraph(`${nodeName(node)}: ${oneLine(node.error?.message ?? 'no reason given')}`, width),
      ),
    ]);
  }
  // A summary that is made of the findings has said them already.
  const findings = run.nodes.filter((node) => node.findings !== null && run.summary?.includes(node.findings) !== true);
  if (findings.length > 0) {
    sections.push([
      style('bold', 'Findings'),
      ...findings.flatMap((node) => paragraph(`${nodeName(node)}: ${oneLine(node.findings ?? '')}`, width)),
    ]);
  }
  if (run.output_error !== null) {
    sections.push([style('yellow', 'The run has no output'), ...paragraph(run.output_error, width)]);
  }
  if (run.output !== undefined) sections.push(outputSection({ output: run.output, runId: run.run_id, style }));
  sections.push([creditsLine(run), ...usageLines(run)]);
  return sections.flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}

function outputSection(params: { readonly output: Json; readonly runId: string; readonly style: Style }): string[] {
  const lines = safeText(JSON.stringify(params.output, null, 2)).split('\n');
  const shown = lines.slice(0, OUTPUT_LINES).map((line) => `  ${line}`);
  if (lines.length > OUTPUT_LINES) {
    const more = `… and ${lines.length - OUTPUT_LINES} more lines; all of it:`;
    shown.push(params.style('dim', `  ${more}`), params.style('dim', `  errand status ${params.runId} --output`));
  }
  return [params.style('bold', 'Output'), ...shown];
}

function creditsLine(run: ApiRun): string {
  return run.terminal
    ? `Credits: ${run.credits_consumed} of ${run.credits_reserved} reserved were used.`
    : `Credits: ${run.credits_reserved} reserved.`;
}

/** What models have used, node by node where there are several that asked one. */
function usageLines({ usage, nodes }: ApiRun): string[] {
  if (usage === null) return [];
  const asked = nodes.flatMap((node) =>
    node.usage === null ? [] : [`  ${nodeName(node)}: ${describeUsage(node.usage)}`],
  );
  return [`Models: ${describeUsage(usage)}.`, ...(asked.length > 1 ? asked : [])];
}

function paragraph(text: string, width: number): string[] {
  return wrap(safeText(text), Math.max(20, width - 2)).map((line) => `  ${line}`);
}
