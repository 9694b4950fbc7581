import { useState, type ReactNode } from 'react';
import type { ApiRun } from '@api/api-types.js';
import type { Json } from '@core/json.js';
import { CopyButton } from '../../../design/copy-button.js';
import { JsonTree } from '../../../design/json-tree.js';
import { text } from '../../../text/en.js';
import type { RunHistory } from '../history/history.js';

const t = text.data;
/** Of raw JSON, what is put into the page. */
const MAX_RAW = 200_000;

/** What went into a run and what came of it. */
export function DataView({ run, history }: { readonly run: ApiRun; readonly history: RunHistory }): ReactNode {
  return (
    <div className="grid gap-px bg-line lg:grid-cols-2">
      <div className="min-w-0 bg-panel p-4">
        <ValueView title={t.input} value={history.input} missing={text.common.loading} />
        {history.instruction !== null && (
          <>
            <h3 className="mt-4 mb-1 font-semibold">{t.instruction}</h3>
            <p className="whitespace-pre-wrap wrap-anywhere">{history.instruction}</p>
          </>
        )}
      </div>
      <div className="min-w-0 bg-panel p-4">
        <ValueView title={t.output} value={run.output} missing={run.terminal ? t.noneEnded : t.none} />
      </div>
    </div>
  );
}

function ValueView({
  title,
  value,
  missing,
}: {
  readonly title: string;
  readonly value: Json | undefined;
  readonly missing: string;
}): ReactNode {
  const [isRaw, setRaw] = useState(false);
  return (
    <>
      <div className="mb-2 flex items-center gap-2">
        <h3 className="font-semibold">{title}</h3>
        {value !== undefined && (
          <>
            <button
              type="button"
              aria-pressed={isRaw}
              onClick={() => setRaw(!isRaw)}
              className="rounded border border-line px-1.5 py-0.5 text-xs text-soft hover:text-ink"
            >
              {isRaw ? t.tree : t.raw}
            </button>
            <CopyButton value={JSON.stringify(value, null, 2)} />
          </>
        )}
      </div>
      {value === undefined ? (
        <p className="text-soft">{missing}</p>
      ) : isRaw ? (
        <pre
          tabIndex={0}
          aria-label={title}
          className="max-h-[40rem] overflow-auto font-mono text-[0.8125rem] whitespace-pre-wrap wrap-anywhere"
        >
          {JSON.stringify(value, null, 2).slice(0, MAX_RAW)}
        </pre>
      ) : (
        <JsonTree value={value} />
      )}
    </>
  );
}
