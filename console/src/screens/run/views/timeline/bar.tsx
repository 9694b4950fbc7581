import { useRef, type ReactNode } from 'react';
import type { ApiNode } from '@api/api-types.js';
import { formatDuration, inBothZones } from '../../../../format/format.js';
import { text } from '../../../../text/en.js';
import type { Stretch } from '../../history/history.js';
import type { Scale } from './scale.js';
import { useGrowth } from './use-growth.js';

const t = text.timeline;

interface BarProps {
  readonly stretch: Stretch;
  readonly node: ApiNode;
  readonly scale: Scale;
}

/** A stretch of a node's time: it grows while the stretch has no end. */
export function Bar(props: BarProps): ReactNode {
  const { stretch, node, scale } = props;
  const from = Date.parse(stretch.from);
  const to = stretch.to === null ? scale.to : Date.parse(stretch.to);
  const grows = stretch.to === null && scale.isLive;
  const whole = scale.to - scale.from;
  const left = Math.min(100, Math.max(0, ((from - scale.from) / whole) * 100));
  const width = Math.min(100 - left, Math.max(0, ((to - from) / whole) * 100));
  const words = wordsOf(stretch);
  return (
    <span
      title={`${grows ? words : `${words}, ${formatDuration(Math.max(0, to - from))}`}\n${inBothZones(stretch.from)}`}
      className={`state state-${statusOf(stretch, node)} absolute top-0 block h-full min-w-[3px] overflow-hidden rounded-sm ${grows ? '' : looksOf(stretch)}`}
      style={{ left: `${left}%`, width: `${width}%` }}
    >
      {grows && <Growing stretch={stretch} scale={scale} />}
    </span>
  );
}

function Growing({ stretch, scale }: Pick<BarProps, 'stretch' | 'scale'>): ReactNode {
  const bar = useRef<HTMLSpanElement>(null);
  useGrowth(bar, { from: Date.parse(stretch.from), scale });
  return <span ref={bar} data-grows className={`block h-full rounded-sm ${looksOf(stretch)}`} />;
}

function looksOf({ kind, to }: Stretch): string {
  if (kind === 'wait') return 'border border-(--state) bg-(--state-ground)';
  return to === null ? 'bg-(--state) bar-busy' : 'bg-(--state)';
}

/** An earlier attempt that gave way to a wait was no failure. */
function statusOf({ hasFailed, kind, to, isCut }: Stretch, node: ApiNode): ApiNode['status'] {
  if (hasFailed) return 'failed';
  if (kind === 'wait') return 'waiting';
  if (to === null) return 'running';
  return isCut || node.status === 'cancelled' ? 'cancelled' : 'completed';
}

function wordsOf(stretch: Stretch): string {
  if (stretch.kind === 'work') return workWords(stretch);
  const words = waitWords(stretch.waitsFor);
  return stretch.to === null ? t.waiting(words) : t.wait(words);
}

function workWords({ attempt, isCut }: Stretch): string {
  return isCut ? `${t.work(attempt)}, ${t.cut}` : t.work(attempt);
}

function waitWords(reason: string | null): string {
  const words: { readonly [reason: string]: string } = text.waiting.reasons;
  return words[reason ?? ''] ?? reason ?? '';
}
