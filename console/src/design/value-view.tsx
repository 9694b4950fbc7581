import { useMemo, useState, type ReactNode } from 'react';
import type { Json, JsonSchema } from '@core/json.js';
import { text } from '../text/en.js';
import { Button } from './button.js';
import { CopyButton } from './copy-button.js';
import { JsonTree } from './json-tree.js';
import { SchemaValue } from './schema-value.js';

const t = text.data;
/** Of raw JSON, what is shown at a time. */
const PART = 100_000;

const MODES = ['tree', 'schema', 'raw'] as const;
type Mode = (typeof MODES)[number];

/** A value as a tree, by its schema where one is known, or as JSON. */
export function ValueView({
  title,
  value,
  schema,
  missing,
}: {
  readonly title: string;
  readonly value: Json | undefined;
  readonly schema: JsonSchema | null;
  /** What is said where there is none. */
  readonly missing: string;
}): ReactNode {
  const [mode, setMode] = useState<Mode>('tree');
  return (
    <section aria-label={title}>
      <div className="mb-2 flex flex-wrap items-center gap-2">
        <h3 className="font-semibold">{title}</h3>
        {value !== undefined && (
          <>
            <Modes shown={mode} hasSchema={schema !== null} onChoose={setMode} />
            <CopyButton value={JSON.stringify(value, null, 2)} />
          </>
        )}
      </div>
      {value === undefined && <p className="text-soft">{missing}</p>}
      {value !== undefined && mode === 'tree' && <JsonTree value={value} />}
      {value !== undefined && mode === 'schema' && schema !== null && <SchemaValue value={value} schema={schema} />}
      {value !== undefined && mode === 'raw' && <Raw title={title} value={value} />}
    </section>
  );
}

function Modes({
  shown,
  hasSchema,
  onChoose,
}: {
  readonly shown: Mode;
  readonly hasSchema: boolean;
  readonly onChoose: (mode: Mode) => void;
}): ReactNode {
  return (
    <div role="group" className="flex overflow-hidden rounded border border-line text-xs">
      {MODES.filter((mode) => mode !== 'schema' || hasSchema).map((mode) => (
        <button
          key={mode}
          type="button"
          aria-pressed={mode === shown}
          onClick={() => onChoose(mode)}
          className={`px-2 py-1 ${mode === shown ? 'bg-sunken font-medium text-ink' : 'text-soft hover:text-ink'}`}
        >
          {t.modes[mode]}
        </button>
      ))}
    </div>
  );
}

function Raw({ title, value }: { readonly title: string; readonly value: Json }): ReactNode {
  const json = useMemo(() => JSON.stringify(value, null, 2), [value]);
  const [part, setPart] = useState(0);
  const parts = Math.ceil(json.length / PART);
  return (
    <>
      {parts > 1 && (
        <div className="mb-2 flex items-center gap-3 text-sm">
          <Button look="link" disabled={part === 0} onClick={() => setPart(part - 1)}>
            {t.previous}
          </Button>
          <span className="tabular-nums">{t.part(part + 1, parts)}</span>
          <Button look="link" disabled={part === parts - 1} onClick={() => setPart(part + 1)}>
            {t.next}
          </Button>
        </div>
      )}
      <pre
        tabIndex={0}
        aria-label={title}
        className="max-h-[40rem] overflow-auto font-mono text-[0.8125rem] whitespace-pre-wrap wrap-anywhere"
      >
        {json.slice(part * PART, (part + 1) * PART)}
      </pre>
    </>
  );
}
