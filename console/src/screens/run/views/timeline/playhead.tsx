import { useRef, type ReactNode } from 'react';
import { formatDuration } from '../../../../format/format.js';
import { useNow } from '../../../../format/use-now.js';
import { text } from '../../../../text/en.js';
import type { Scale } from './scale.js';
import { useGrowth } from './use-growth.js';

/** Where now is on the timeline of a run that goes on: a line that moves, with the time since the run began. */
export function Playhead({ scale }: { readonly scale: Scale }): ReactNode {
  const line = useRef<HTMLSpanElement>(null);
  useGrowth(line, { from: scale.from, scale });
  return (
    <span className="pointer-events-none absolute inset-0" data-testid="playhead">
      <span ref={line} className="absolute inset-0 border-r-2 border-(--running)">
        <span className="absolute top-0 right-0 rounded-l bg-(--running) px-1 text-xs leading-5 whitespace-nowrap text-panel tabular-nums">
          <span className="max-md:hidden">{text.timeline.now} </span>
          <Elapsed from={scale.from} />
        </span>
      </span>
    </span>
  );
}

function Elapsed({ from }: { readonly from: number }): ReactNode {
  return formatDuration(Math.max(0, useNow() - from));
}
