import { Link } from '@tanstack/react-router';
import { useMemo, useRef, type ReactNode } from 'react';
import type { ApiNode } from '@api/api-types.js';
import type { ApiGraphNode } from '@api/run-plan-types.js';
import { StatusIcon } from '../../../../design/status.js';
import { useFixedRows } from '../../../../design/use-fixed-rows.js';
import { text } from '../../../../text/en.js';
import { nameOf } from '../../node/node-name.js';
import { RunLink } from '../../../../design/run-link.js';
import { describeNode } from './canvas.js';
import type { Insides, Opened } from './insides.js';

const t = text.graph;
const ROW_PX = 62;
/** How far a node stands in from what it stands in. */
const INDENT_PX = 16;
/** Of what a node comes after, as many names are said. */
const MAX_NAMED = 3;
/** More items or rounds than one looks through: the newest of them. */
const MAX_NUMBERS = 200;

interface Row {
  readonly path: string;
  readonly plan: ApiGraphNode;
  readonly depth: number;
  /** What it stands in; null for the workflow itself. */
  readonly holder: string | null;
  /** Those beside it, by their ids. */
  readonly beside: ReadonlyMap<string, ApiGraphNode>;
}

interface NodeListProps {
  readonly plan: readonly ApiGraphNode[];
  readonly insides: Insides;
  readonly opened: Opened;
  readonly chosen: string | undefined;
  /** Shows what is inside a node, of that item or round; null: no more. */
  readonly onChoose: (path: string, numbers: string | null) => void;
}

/** The graph in words: each node with what it comes after, and what is inside those that are open. */
export function NodeList({ plan, insides, opened, chosen, onChoose }: NodeListProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const known = useMemo(
    () => (opened.size === 0 ? closedRows(plan) : listRows(plan, { holder: null, depth: 0, insides })),
    [plan, insides, opened],
  );
  const { indexes, height } = useFixedRows(box, known.length, ROW_PX);
  return (
    <div
      ref={box}
      tabIndex={0}
      role="group"
      aria-label={t.list}
      className="max-h-[35rem] overflow-y-auto border-t border-line lg:border-t-0 lg:border-l"
    >
      <ol className="relative" style={{ height }}>
        {indexes.map((index) => {
          const row = known.at(index);
          return (
            row !== undefined && (
              <li
                key={row.path}
                className="absolute inset-x-0 px-3 py-1.5"
                style={{ top: index * ROW_PX, height: ROW_PX }}
              >
                <Entry
                  row={row}
                  node={insides.nodeOf(row.path, row.plan)}
                  needs={namesOfNeeds(row, insides)}
                  isChosen={row.path === chosen}
                  side={
                    row.plan.nodes.length > 0 && (
                      <Holder row={row} insides={insides} shown={opened.get(row.path) ?? null} onChoose={onChoose} />
                    )
                  }
                />
              </li>
            )
          );
        })}
      </ol>
    </div>
  );
}

/** Where nothing is open, a row is made when it is looked at. */
function closedRows(plan: readonly ApiGraphNode[]): Pick<readonly Row[], 'length' | 'at'> {
  const beside = findBeside(plan);
  return {
    length: plan.length,
    at(index) {
      const node = plan[index];
      return node === undefined ? undefined : { path: node.id, plan: node, depth: 0, holder: null, beside };
    },
  };
}

/** A plan does not change. */
const BESIDE = new WeakMap<readonly ApiGraphNode[], Row['beside']>();

function findBeside(plan: readonly ApiGraphNode[]): Row['beside'] {
  const known = BESIDE.get(plan);
  if (known !== undefined) return known;
  const beside = new Map(plan.map((node) => [node.id, node]));
  BESIDE.set(plan, beside);
  return beside;
}

function listRows(
  plan: readonly ApiGraphNode[],
  { holder, depth, insides }: { readonly holder: string | null; readonly depth: number; readonly insides: Insides },
): readonly Row[] {
  const beside = findBeside(plan);
  return plan.flatMap((node) => {
    const path = holder === null ? node.id : `${holder}.${node.id}`;
    const inside = insides.openOf(path, node);
    const row = { path, plan: node, depth, holder, beside };
    if (inside === null) return [row];
    return [row, ...listRows(node.nodes, { holder: inside, depth: depth + 1, insides })];
  });
}

/** The names of the first of those that a node comes after. */
function namesOfNeeds({ plan: { needs }, holder, beside }: Row, insides: Insides): readonly string[] {
  return needs.slice(0, MAX_NAMED).map((id) => {
    const needed = beside.get(id);
    return needed === undefined ? id : (insides.nodeOf(holder === null ? id : `${holder}.${id}`, needed).label ?? id);
  });
}

function Entry({
  row,
  node,
  needs,
  isChosen,
  side,
}: {
  readonly row: Row;
  readonly node: ApiNode;
  readonly needs: readonly string[];
  readonly isChosen: boolean;
  readonly side: ReactNode;
}): ReactNode {
  const { plan, depth } = row;
  const more = plan.needs.length - needs.length;
  const after = needs.join(', ') + (more > 0 ? ` ${t.andMore(more)}` : '');
  return (
    <div
      data-row
      className={`h-full rounded-md px-2 ${isChosen ? 'bg-sunken' : ''} ${depth > 0 ? 'border-l-2 border-line' : ''}`}
      style={{ marginLeft: depth * INDENT_PX }}
    >
      <div className="flex min-w-0 items-center gap-2">
        <span className={`state state-${node.status} text-(--state)`}>
          <StatusIcon status={node.status} />
        </span>
        <Link
          from="/runs/$runId"
          search={(search) => ({ ...search, node: node.id })}
          resetScroll={false}
          aria-current={isChosen ? 'true' : undefined}
          data-open
          className="plain truncate text-sm font-medium text-ink hover:underline"
        >
          {nameOf(node)}
        </Link>
        <span className="sr-only">{text.status[node.status]}</span>
        {node.child_run_id !== null && (
          <span className="ml-auto text-xs whitespace-nowrap">
            <RunLink runId={node.child_run_id}>{t.openChild}</RunLink>
          </span>
        )}
        {side}
      </div>
      <p className="truncate text-xs text-soft">
        {describeNode({ nodes: [node], plan })} · {needs.length === 0 ? t.first : t.after(after)}
      </p>
    </div>
  );
}

/** Opens a node that holds others, and says of which item or round they are shown. */
function Holder({
  row,
  insides,
  shown,
  onChoose,
}: {
  readonly row: Row;
  readonly insides: Insides;
  /** Null while it is closed. */
  readonly shown: string | null;
  readonly onChoose: (path: string, numbers: string | null) => void;
}): ReactNode {
  const { path, plan } = row;
  const numbers = shown !== null && plan.numbered ? insides.numbersOf(path) : [];
  return (
    <span className="ml-auto flex items-center gap-1">
      {numbers.length > 0 && (
        <select
          aria-label={t.numberOf(path)}
          value={shown ?? ''}
          onChange={(event) => onChoose(path, event.target.value)}
          className="max-w-24 rounded border border-edge bg-panel px-1 py-0.5 text-xs"
        >
          <option value="">{t.newest}</option>
          {numbers.slice(-MAX_NUMBERS).map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      )}
      <button
        type="button"
        aria-expanded={shown !== null}
        aria-label={t.openOf(path)}
        onClick={() => onChoose(path, shown === null ? '' : null)}
        className="size-6 shrink-0 rounded border border-line text-sm leading-none text-soft hover:text-ink"
      >
        {shown === null ? '+' : '−'}
      </button>
    </span>
  );
}
