import { useState, type ReactNode } from 'react';
import type { Json } from '@core/json.js';
import { text } from '../text/en.js';

const t = text.data;
/** Children that are shown at a time. */
const PAGE = 100;
/** Of a text, before it is asked for whole. */
const MAX_TEXT = 500;

/** A JSON value as a tree that is opened level by level; large ones come a page at a time. */
export function JsonTree({ value, open = 2 }: { readonly value: Json; readonly open?: number }): ReactNode {
  return (
    <div className="font-mono text-[0.8125rem] leading-6 wrap-anywhere">
      <Value value={value} open={open} />
    </div>
  );
}

function Value({ value, open }: { readonly value: Json; readonly open: number }): ReactNode {
  if (typeof value === 'string') return <Text value={value} />;
  if (typeof value !== 'object' || value === null) return <span className="text-link">{String(value)}</span>;
  const entries = Object.entries(value);
  return <Branch entries={entries} isArray={Array.isArray(value)} open={open} />;
}

function Text({ value }: { readonly value: string }): ReactNode {
  const [whole, setWhole] = useState(false);
  const shown = whole || value.length <= MAX_TEXT ? value : value.slice(0, MAX_TEXT);
  return (
    <span className="whitespace-pre-wrap text-completed">
      "{shown}
      {shown.length < value.length && (
        <button type="button" className="text-link underline" onClick={() => setWhole(true)}>
          … {text.common.more(value.length - shown.length)}
        </button>
      )}
      "
    </span>
  );
}

function Branch({
  entries,
  isArray,
  open,
}: {
  readonly entries: readonly [string, Json][];
  readonly isArray: boolean;
  readonly open: number;
}): ReactNode {
  const [isOpen, setOpen] = useState(open > 0);
  const [shown, setShown] = useState(PAGE);
  const count = isArray ? t.items(entries.length) : t.fields(entries.length);
  if (entries.length === 0) return <span className="text-soft">{isArray ? '[]' : '{}'}</span>;
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="rounded px-1 text-soft hover:bg-sunken"
      >
        <span aria-hidden="true">{isOpen ? '▾ ' : '▸ '}</span>
        {count}
      </button>
      {isOpen && (
        <ul className="ml-2 border-l border-line pl-3">
          {entries.slice(0, shown).map(([name, child]) => (
            <li key={name}>
              <span className={isArray ? 'text-soft' : 'font-semibold'}>{name}</span>
              <span className="text-soft">: </span>
              <Value value={child} open={open - 1} />
            </li>
          ))}
          {entries.length > shown && (
            <li>
              <button type="button" className="text-link underline" onClick={() => setShown(shown + PAGE)}>
                {text.common.more(Math.min(PAGE, entries.length - shown))}
              </button>
            </li>
          )}
        </ul>
      )}
    </>
  );
}
