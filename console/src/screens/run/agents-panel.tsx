import { Link } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import type { ApiNode } from '@api/api-types.js';
import { Panel } from '../../design/panel.js';
import { StatusBadge } from '../../design/status.js';
import { text } from '../../text/en.js';

const t = text.agents;

/** The agents as callers see them. */
export function AgentsPanel({ nodes }: { readonly nodes: readonly ApiNode[] }): ReactNode {
  const agents = useMemo(() => nodes.filter(({ role }) => role !== null), [nodes]);
  if (agents.length === 0) return null;
  return (
    <Panel title={t.title}>
      <ul className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {agents.map((agent) => (
          <li key={agent.id} className="min-w-0 rounded-md border border-line p-3">
            <Agent agent={agent} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Agent({ agent }: { readonly agent: ApiNode }): ReactNode {
  const { label, role, status, progress, message, findings, error } = agent;
  return (
    <>
      <div className="mb-1.5 flex flex-wrap items-center justify-between gap-2">
        <Link
          from="/runs/$runId"
          search={(search) => ({ ...search, node: agent.id })}
          className="plain min-w-0 font-medium wrap-anywhere text-ink hover:underline"
        >
          {label} <span className="font-normal text-soft">{role}</span>
        </Link>
        <StatusBadge status={status} />
      </div>
      <div
        role="progressbar"
        aria-label={`${t.progress}: ${label}`}
        aria-valuenow={progress}
        className={`state state-${status} h-1.5 overflow-hidden rounded-full bg-sunken`}
      >
        <div
          className={`h-full bg-(--state) ${status === 'running' ? 'bar-busy' : ''}`}
          style={{ width: `${progress}%` }}
        />
      </div>
      {error !== null && <p className="mt-1.5 line-clamp-3 text-sm text-failed wrap-anywhere">{error.message}</p>}
      {message !== null && error === null && status !== 'completed' && (
        <p className="mt-1.5 line-clamp-2 text-sm text-soft wrap-anywhere">{message}</p>
      )}
      {findings !== null && <p className="mt-1.5 line-clamp-4 text-sm whitespace-pre-wrap wrap-anywhere">{findings}</p>}
    </>
  );
}
