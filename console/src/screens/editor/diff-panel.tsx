import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { parse, stringify } from 'yaml';
import { Panel } from '../../design/panel.js';
import { text } from '../../text/en.js';
import { diffLines, type DiffLine } from './diff-lines.js';
import { versionQuery } from './queries.js';

const t = text.editor;

const LOOKS: Record<DiffLine['kind'], string> = {
  same: 'text-soft',
  added: 'bg-(--state-ground) state state-completed text-(--state)',
  removed: 'bg-(--state-ground) state state-failed text-(--state)',
};
const SIGNS: Record<DiffLine['kind'], string> = { same: ' ', added: '+', removed: '−' };

/** What of a published version is changed, whatever the text looks like. */
export function DiffPanel({
  workflowId,
  version,
  typed,
}: {
  readonly workflowId: string;
  readonly version: number;
  readonly typed: string;
}): ReactNode {
  const { data: base } = useQuery(versionQuery({ workflowId, version }));
  const lines = useMemo(() => {
    const after = normalized(typed);
    return base === undefined || after === null ? null : diffLines(stringify(base.definition), after);
  }, [base, typed]);
  if (lines === null) return null;
  return (
    <Panel title={t.diffOf(version)}>
      {lines.length === 0 ? <p className="text-soft">{t.same}</p> : <Lines lines={lines} />}
    </Panel>
  );
}

function Lines({ lines }: { readonly lines: readonly DiffLine[] }): ReactNode {
  return (
    <pre tabIndex={0} aria-label={t.diff} className="max-h-96 overflow-auto font-mono text-sm">
      {lines.map(({ kind, text: line }, place) => (
        <div key={place} className={LOOKS[kind]}>
          <span aria-hidden="true">{SIGNS[kind]} </span>
          {kind !== 'same' && <span className="sr-only">{t[kind]}: </span>}
          {line}
        </div>
      ))}
    </pre>
  );
}

/** As it would be written by a program; null while it cannot be read. */
function normalized(typed: string): string | null {
  try {
    return stringify(parse(typed, { maxAliasCount: 100 }));
  } catch {
    return null;
  }
}
