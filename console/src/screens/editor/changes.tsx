import type { ReactNode } from 'react';
import type { ApiWorkflowDiff } from '@api/authoring-types.js';
import type { ChangedField } from '@core/workflow/definition-diff.js';
import { Notice } from '../../design/notice.js';
import { text } from '../../text/en.js';

const t = text.editor.changes;
/** Of values, so many characters are shown. */
const MAX_VALUE = 120;

/** What a definition changes for its callers and its nodes, in words: what breaks first. */
export function Changes({ diff }: { readonly diff: ApiWorkflowDiff }): ReactNode {
  const { nodes, fields, input, credits, breaking } = diff;
  const isSame =
    [nodes.added, nodes.removed, nodes.changed, fields, input].every((list) => list.length === 0) &&
    credits.before === credits.after;
  if (isSame) return <p className="text-soft">{text.editor.same}</p>;
  return (
    <div className="space-y-3 text-sm">
      {breaking && <Notice kind="failed">{t.breaking}</Notice>}
      <ul className="space-y-1.5">
        {input.map(({ path, message, breaking: breaks }) => (
          <Change key={`input ${path} ${message}`} sign="~" isBad={breaks}>
            <code>{path}</code>: {message}
          </Change>
        ))}
        {credits.before !== credits.after && <Change sign="~">{t.credits(credits.before, credits.after)}</Change>}
        {nodes.added.map(({ id, kind }) => (
          <Change key={id} sign="+">
            {t.added} <code>{id}</code> ({kind})
          </Change>
        ))}
        {nodes.removed.map(({ id, kind }) => (
          <Change key={id} sign="−">
            {t.removed} <code>{id}</code> ({kind})
          </Change>
        ))}
        {nodes.changed.map(({ id, fields: changed }) => (
          <Change key={id} sign="~">
            {t.changed} <code>{id}</code>
            <Fields fields={changed} />
          </Change>
        ))}
        {fields.length > 0 && (
          <Change sign="~">
            {t.workflow}
            <Fields fields={fields} />
          </Change>
        )}
      </ul>
    </div>
  );
}

function Change({
  sign,
  isBad = false,
  children,
}: {
  readonly sign: '+' | '−' | '~';
  readonly isBad?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <li className={`flex gap-2 wrap-anywhere ${isBad ? 'text-failed' : ''}`}>
      <span aria-hidden="true" className="font-mono text-soft">
        {sign}
      </span>
      <div className="min-w-0">{children}</div>
    </li>
  );
}

function Fields({ fields }: { readonly fields: readonly ChangedField[] }): ReactNode {
  return (
    <ul className="mt-1 space-y-1 text-soft">
      {fields.map((changed) => (
        <li key={changed.field} className="wrap-anywhere">
          <code className="text-ink">{changed.field}</code>: {told(changed, 'before')} → {told(changed, 'after')}
        </li>
      ))}
    </ul>
  );
}

function told(changed: ChangedField, side: 'before' | 'after'): string {
  const value = changed[side];
  if (value === undefined) return t.absent;
  const json = JSON.stringify(value);
  return json.length > MAX_VALUE ? `${json.slice(0, MAX_VALUE)}…` : json;
}
