import { useState, type ReactNode } from 'react';
import { text } from '../text/en.js';

/** What is shown at first. */
const MAX_TEXT = 2_000;

/** A text as it was written; a long one is shown whole when it is asked for. */
export function LongText({ value }: { readonly value: string }): ReactNode {
  const [whole, setWhole] = useState(false);
  const shown = whole ? value : value.slice(0, MAX_TEXT);
  return (
    <p className="text-sm whitespace-pre-wrap wrap-anywhere">
      {shown}
      {shown.length < value.length && (
        <button type="button" className="text-link underline" onClick={() => setWhole(true)}>
          … {text.common.more(value.length - shown.length)}
        </button>
      )}
    </p>
  );
}
