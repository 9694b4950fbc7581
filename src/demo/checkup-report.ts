import { progressBar } from '../cli/terminal/progress-bar.js';
import { renderTable } from '../cli/terminal/table.js';
import type { Colour, Style } from '../cli/terminal/style.js';
import { oneLine, padEnd, textWidth, wrap } from '../cli/terminal/text-width.js';
import type { ApiRun } from '../api/api-types.js';

/** The output of the workflow `site_checkup`. */
export interface Checkup {
  readonly url: string;
  readonly score: number;
  readonly pages_checked: number;
  /** By role; an agent that failed is absent. */
  readonly agents: { readonly [role: string]: { readonly score: number; readonly faults: number } };
  /** Worst first. */
  readonly findings: readonly CheckupFault[];
}

export interface CheckupFault {
  readonly agent: string;
  readonly rule: string;
  readonly severity: 'high' | 'medium' | 'low';
  readonly page: string;
  readonly selector: string | null;
  readonly message: string;
  readonly also_on?: readonly string[];
}

const SEVERITY_COLOURS: { readonly [severity in CheckupFault['severity']]: Colour } = {
  high: 'red',
  medium: 'yellow',
  low: 'dim',
};
const BAR_WIDTH = 20;

/** A checkup for people: the scores, then each agent's faults, worst first. */
export function renderCheckupReport(params: {
  readonly run: ApiRun;
  readonly checkup: Checkup;
  readonly width: number;
  readonly style: Style;
}): string[] {
  const { run, checkup, width, style } = params;
  const agents = run.nodes.filter((node) => node.role !== null && node.label !== null);
  const score = style(scoreColour(checkup.score), style('bold', `${checkup.score} of 100`));
  const lines = [
    `${style('bold', 'Score')}  ${score}  ·  ${checkup.pages_checked} pages  ·  ${counted(checkup.findings.length)}`,
    '',
    ...renderTable({
      columns: [
        { header: 'AGENT', value: (node) => node.label ?? node.id },
        {
          header: '',
          value: (node) => renderBar(checkup.agents[node.role ?? '']?.score ?? 0),
          colour: (node) => scoreColour(checkup.agents[node.role ?? '']?.score ?? 0),
          optional: true,
        },
        { header: 'SCORE', value: (node) => String(checkup.agents[node.role ?? '']?.score ?? '-'), align: 'right' },
        { header: 'FAULTS', value: (node) => String(checkup.agents[node.role ?? '']?.faults ?? '-'), align: 'right' },
      ],
      rows: agents,
      width,
      style,
    }),
  ];
  for (const agent of agents) {
    const faults = checkup.findings.filter((fault) => fault.agent === agent.role);
    const none = agent.status === 'completed' ? 'nothing to complain of' : (agent.error?.message ?? agent.status);
    lines.push(
      '',
      `${style('bold', agent.label ?? agent.id)}: ${faults.length === 0 ? oneLine(none) : counted(faults.length)}`,
    );
    lines.push(...faultLines({ faults, origin: new URL(checkup.url).origin, width, style }));
  }
  return lines;
}

function faultLines(params: {
  readonly faults: readonly CheckupFault[];
  readonly origin: string;
  readonly width: number;
  readonly style: Style;
}): string[] {
  const { faults, origin, style } = params;
  const pages = faults.map((fault) => oneLine(pagePath(fault.page, origin)));
  const pageWidth = Math.min(24, Math.max(0, ...pages.map(textWidth)));
  const indent = 2 + 'medium'.length + 2 + pageWidth + 2;
  return faults.flatMap((fault, index) => {
    const text = wrap(describeFault(fault, origin), Math.max(24, params.width - indent));
    const head = `  ${style(SEVERITY_COLOURS[fault.severity], padEnd(fault.severity, 6))}  ${padEnd(pages[index] ?? '', pageWidth)}`;
    return text.map((line, row) => (row === 0 ? `${head}  ${line}` : ' '.repeat(indent) + line));
  });
}

/** Addresses of the site itself are given by their paths. */
function describeFault({ message, selector, also_on: alsoOn = [] }: CheckupFault, origin: string): string {
  const where = selector === null || message.includes(selector) ? '' : ` (${selector})`;
  const others = alsoOn.length === 0 ? '' : ` Also on ${alsoOn.map((page) => pagePath(page, origin)).join(', ')}.`;
  return oneLine(`${message.replaceAll(`${origin}/`, '/')}${where}${others}`);
}

function pagePath(page: string, origin: string): string {
  return page.startsWith(origin) ? page.slice(origin.length) || '/' : page;
}

function renderBar(score: number): string {
  const { filled, empty } = progressBar({ percent: score, width: BAR_WIDTH });
  return filled + empty;
}

function scoreColour(score: number): Colour {
  return score >= 90 ? 'green' : score >= 50 ? 'yellow' : 'red';
}

function counted(faults: number): string {
  return faults === 1 ? '1 fault' : `${faults} faults`;
}
