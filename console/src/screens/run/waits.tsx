import { Link } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import type { ApiNode } from '@api/api-types.js';
import { Moment } from '../../design/moment.js';
import { RunLink } from '../../design/run-link.js';
import { text } from '../../text/en.js';
import { nameOf } from './node/node-name.js';

const MAX_SHOWN = 3;
const NONE: readonly ApiNode[] = [];

/** What a run waits for and until when, but for what people are asked: those have forms. */
export function Waits({ nodes }: { readonly nodes: readonly ApiNode[] }): ReactNode {
  const waiting = useMemo(() => nodes.flatMap(listWaiting), [nodes]);
  if (waiting.length === 0) return null;
  return (
    <ul className="text-waiting wrap-anywhere">
      {waiting.slice(0, MAX_SHOWN).map((node) => (
        <li key={node.id}>
          <Link from="/runs/$runId" search={(search) => ({ ...search, node: node.id })} resetScroll={false}>
            {nameOf(node)}
          </Link>{' '}
          {text.waiting.waits} <WaitsFor node={node} />
        </li>
      ))}
      {waiting.length > MAX_SHOWN && <li>{text.graph.andMore(waiting.length - MAX_SHOWN)}</li>}
    </ul>
  );
}

function listWaiting(node: ApiNode): readonly ApiNode[] {
  if (node.waiting_for === null && node.inner.length === 0) return NONE;
  return [node, ...node.inner].filter(
    ({ waiting_for: what }) => what !== null && what !== 'answer' && what !== 'nodes',
  );
}

/** `an event: paid 4711, until 1:20:00 PM`. */
export function WaitsFor({ node }: { readonly node: ApiNode }): ReactNode {
  const { waiting_for: what, waiting_until: until, event, child_run_id: child } = node;
  if (what === null) return null;
  const reason = text.waiting.reasons[what];
  return (
    <>
      {what === 'run' && child !== null ? <RunLink runId={child}>{reason}</RunLink> : reason}
      {event !== null && (
        <>
          : <code>{`${event.name} ${event.key}`.trim()}</code>
        </>
      )}
      {until !== null && (
        <>
          , {text.waiting.until} <Moment at={until} />
        </>
      )}
    </>
  );
}
