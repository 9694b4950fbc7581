import { isNodeEnded } from '../../core/run/node-execution.js';
import type { ApiNode, ApiRun } from '../../api/api-types.js';
import { duration } from '../terminal/human-time.js';
import { progressBar } from '../terminal/progress-bar.js';
import { statusColour, statusMark } from '../terminal/status-style.js';
import type { Style } from '../terminal/style.js';
import { oneLine, padEnd, textWidth, truncate } from '../terminal/text-width.js';

export interface RunViewParams {
  readonly run: ApiRun;
  readonly now: number;
  /** No line is wider. */
  readonly width: number;
  /** No more lines than this; as many as it takes when null. */
  readonly height: number | null;
  /** Counts up where the view is live; null for a still picture. */
  readonly frame: number | null;
  /** Shown below the nodes. */
  readonly notice: string | null;
  readonly style: Style;
}

/**
 * A run's picture: what it is and how it stands, then one line for each agent, and for each other node that has begun.
 */
export function renderRunView(params: RunViewParams): string[] {
  const { run, width, height, notice, style } = params;
  const nodes = nodesToShow(run);
  const head = headLines(params);
  const foot = notice === null ? [] : ['', style('dim', truncate(notice, width))];
  const room = height === null ? nodes.length : Math.max(1, height - head.length - foot.length);
  const shown = nodes.length <= room ? nodes : nodes.slice(0, room - 1);
  const layout = computeLayout(shown, width);
  const lines = shown.map((node) => nodeLine(node, layout, params));
  if (shown.length < nodes.length) lines.push(style('dim', `  … and ${nodes.length - shown.length} more`));
  return [...head, ...lines, ...foot];
}

/** `3 of 5 agents done`; of nodes where the workflow has no agents. */
export function countDone(run: ApiRun): string {
  const agents = run.nodes.filter((node) => node.role !== null);
  const counted = agents.length === 0 ? run.nodes : agents;
  const done = counted.filter((node) => isNodeEnded(node.status)).length;
  return `${done} of ${counted.length} ${agents.length === 0 ? 'nodes' : 'agents'} done`;
}

export function elapsed(run: ApiRun, now: number): string {
  const from = Date.parse(run.started_at ?? run.created_at);
  const until = run.completed_at === null ? now : Date.parse(run.completed_at);
  return duration(until - from);
}

export function nodeName(node: ApiNode): string {
  return oneLine(node.label ?? node.id);
}

function nodesToShow(run: ApiRun): readonly ApiNode[] {
  const hasAgents = run.nodes.some((node) => node.role !== null);
  return run.nodes.filter(
    (node) => !hasAgents || node.role !== null || (node.started_at !== null && node.status !== 'skipped'),
  );
}

function headLines({ run, now, width, style }: RunViewParams): string[] {
  const time = ` · ${elapsed(run, now)}`;
  const roomForBoth = width - run.status.length - textWidth(time) - 3;
  const showsTime = roomForBoth >= 8;
  const name = truncate(
    oneLine(run.workflow_name),
    showsTime ? roomForBoth : Math.max(1, width - run.status.length - 3),
  );
  const status = style(statusColour(run.status), run.status);
  const waits =
    run.waiting_for === null ? [] : [style('dim', truncate(`waits for ${oneLine(run.waiting_for)}`, width))];
  return [
    `${style('bold', name)} · ${status}${showsTime ? time : ''}`,
    style('dim', truncate(run.run_id, width)),
    ...waits,
    '',
  ];
}

interface Layout {
  readonly name: number;
  readonly bar: number;
  readonly text: number;
}

function computeLayout(nodes: readonly ApiNode[], width: number): Layout {
  const name = Math.min(
    Math.max(...nodes.map((node) => textWidth(nodeName(node)))),
    Math.max(8, Math.floor(width * 0.35)),
  );
  const bar = width >= 100 ? 24 : width >= 70 ? 16 : width >= 40 ? 10 : 0;
  // Two columns to the left, the mark and a space; the bar and the percent with a space each; two before the text.
  const used = 4 + name + (bar === 0 ? 0 : bar + 1) + 5;
  return { name, bar, text: Math.max(0, width - used - 2) };
}

function nodeLine(node: ApiNode, layout: Layout, { now, frame, style }: RunViewParams): string {
  const colour = statusColour(node.status);
  const bar = progressBar({ percent: node.progress, width: layout.bar });
  const name = padEnd(truncate(nodeName(node), layout.name), layout.name);
  const percent = node.status === 'skipped' ? '' : `${Math.floor(node.progress)}%`;
  const parts = [
    `  ${style(colour, statusMark(node.status, frame))} ${node.role === null ? style('dim', name) : name}`,
    ...(layout.bar === 0 ? [] : [style(colour, bar.filled) + style('dim', bar.empty)]),
    percent.padStart(4),
  ];
  const text = truncate(nodeText(node, now), layout.text);
  const painted =
    node.status === 'failed' ? style('red', text) : node.status === 'completed' ? text : style('dim', text);
  return (text === '' ? parts.join(' ') : `${parts.join(' ')}  ${painted}`).trimEnd();
}

function nodeText(node: ApiNode, now: number): string {
  switch (node.status) {
    case 'pending':
      return '';
    case 'running':
      return withAttempt(
        node,
        oneLine(node.held_up_by === null ? (node.message ?? '') : `waits for ${node.held_up_by}`),
      );
    case 'waiting':
      return oneLine(waitingText(node, now));
    case 'completed':
      return oneLine(completedText(node));
    case 'failed':
      return oneLine(node.error?.message ?? 'failed');
    case 'skipped':
    case 'cancelled':
      return node.status;
  }
}

function completedText(node: ApiNode): string {
  if (node.used_fallback) return `used its fallback: ${node.error?.message ?? ''}`;
  return node.findings ?? node.message ?? '';
}

function withAttempt(node: ApiNode, message: string): string {
  if (node.attempt < 2) return message;
  return message === '' ? `attempt ${node.attempt}` : `attempt ${node.attempt}: ${message}`;
}

function waitingText(node: ApiNode, now: number): string {
  if (node.waiting_for === 'answer') return `asks: ${node.question?.message ?? ''}`;
  if (node.waiting_for === 'event') return `waits for the event ${node.event?.name ?? ''}`;
  if (node.waiting_for === 'run') return node.message ?? `waits for ${node.child_run_id ?? 'another run'}`;
  const left = node.waiting_until === null ? null : Date.parse(node.waiting_until) - now;
  const when = left === null || Number.isNaN(left) ? 'waiting' : `again in ${duration(left)}`;
  const why = node.error?.message ?? node.message ?? '';
  return why === '' ? when : `${when}: ${why}`;
}
