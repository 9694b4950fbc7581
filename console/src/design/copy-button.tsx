import { useState, type ReactNode } from 'react';
import { text } from '../text/en.js';

const SHOWN_MS = 1_500;

export function CopyButton({ value, label }: { readonly value: string; readonly label?: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <button
      type="button"
      onClick={() => void copy()}
      className="rounded border border-line px-1.5 py-0.5 text-xs text-soft hover:text-ink"
    >
      {copied ? text.common.copied : (label ?? text.common.copy)}
    </button>
  );
}
