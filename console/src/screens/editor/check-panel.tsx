import type { ReactNode } from 'react';
import type { ApiCheckedText, ApiPlacedFault } from '@api/authoring-types.js';
import { Panel } from '../../design/panel.js';
import { text } from '../../text/en.js';

const t = text.editor;

/** What is wrong with a definition, each fault with the way to its place. */
export function CheckPanel({
  check,
  onGo,
}: {
  /** Undefined before it has come. */
  readonly check: ApiCheckedText | undefined;
  readonly onGo: (line: number) => void;
}): ReactNode {
  return (
    <Panel title={t.faults}>
      <div aria-live="polite" className="max-h-72 space-y-3 overflow-auto">
        {check === undefined && <p className="text-soft">{t.checking}</p>}
        {check?.ok === true && <p className="text-completed">{t.fine}</p>}
        {check !== undefined && check.faults.length > 0 && (
          <List faults={check.faults} look="text-failed" onGo={onGo} />
        )}
        {check !== undefined && check.fault_count > check.faults.length && (
          <p className="text-soft">{t.more(check.fault_count - check.faults.length)}</p>
        )}
        {check !== undefined && check.warnings.length > 0 && (
          <>
            <h3 className="text-sm font-semibold">{t.warnings}</h3>
            <List faults={check.warnings} look="text-waiting" onGo={onGo} />
          </>
        )}
      </div>
    </Panel>
  );
}

function List({
  faults,
  look,
  onGo,
}: {
  readonly faults: readonly ApiPlacedFault[];
  readonly look: string;
  readonly onGo: (line: number) => void;
}): ReactNode {
  return (
    <ul className="space-y-1.5 text-sm">
      {faults.map(({ path, message, line }) => (
        <li key={`${path} ${message}`} className="wrap-anywhere">
          {line !== null && (
            <button
              type="button"
              onClick={() => onGo(line)}
              className="mr-1.5 cursor-pointer text-link underline underline-offset-2"
            >
              {t.line(line)}
            </button>
          )}
          {path !== '' && <code>{path}</code>} <span className={look}>{message}</span>
        </li>
      ))}
    </ul>
  );
}
