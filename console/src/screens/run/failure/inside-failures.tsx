import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiNode, ApiRun } from '@api/api-types.js';
import { isWithin, rootOf } from '@core/run/paths/node-path.js';
import { text } from '../../../text/en.js';
import type { RunHistory } from '../history/history.js';
import { findNode } from '../history/inner-nodes.js';
import { adviceOn } from '../node/advice.js';
import { nameOf } from '../node/node-name.js';

const t = text.failure;
const MAX_SHOWN = 3;

/** Where in a node that holds others it failed: the innermost, with what to do about each. */
export function InsideFailures({
  failed,
  node,
}: {
  readonly failed: readonly ApiNode[];
  /** What they stand in. */
  readonly node: ApiNode;
}): ReactNode {
  if (failed.length === 0) return null;
  return (
    <div>
      <h3 className="text-sm font-semibold">{t.inside}</h3>
      <ul className="space-y-1.5">
        {failed.slice(0, MAX_SHOWN).map((inner) => (
          <li key={inner.id} className="wrap-anywhere">
            <Link from="/runs/$runId" search={(search) => ({ ...search, node: inner.id })} resetScroll={false}>
              {nameOf(inner)}
            </Link>
            : <span className="line-clamp-2">{inner.error?.message}</span>
            {inner.error !== null && inner.error.kind !== node.error?.kind && (
              <p className="text-sm text-soft">{adviceOn(inner.error, inner)}</p>
            )}
          </li>
        ))}
        {failed.length > MAX_SHOWN && (
          <li className="text-sm text-soft">{text.graph.andMore(failed.length - MAX_SHOWN)}</li>
        )}
      </ul>
    </div>
  );
}

/** The nodes inside one that failed, but those that hold others that did. */
export function findInnermost(run: ApiRun, history: RunHistory, { id }: ApiNode): readonly ApiNode[] {
  const paths = (history.inside.get(rootOf(id)) ?? []).filter(
    (path) => history.nodes.get(path)?.status === 'failed' && isWithin(path, id),
  );
  const innermost = paths.filter((path) => !paths.some((other) => other !== path && isWithin(other, path)));
  return innermost.flatMap((path) => findNode(run, history, path) ?? []);
}
