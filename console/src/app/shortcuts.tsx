import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../design/button.js';
import { Dialog } from '../design/dialog.js';
import { text } from '../text/en.js';
import { goBack, onRowKey, openPart } from './row-keys.js';

/** After `g`, a letter that comes within this time goes somewhere. */
const SEQUENCE_MS = 1_500;

const PLACES = {
  o: '/',
  r: '/runs',
  b: '/bulk-jobs',
  w: '/workflows',
  c: '/connect',
  n: '/organization',
  s: '/system',
} as const;

/** Whether a key means something to what has the focus, also where that stands in a root of its own. */
function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  return target.closest('input:not([type="checkbox"]), textarea, select, [contenteditable]') !== null;
}

/** Whether the key is the page's own, not the browser's or a dialog's. */
function isOurs(event: KeyboardEvent): boolean {
  const isCommand = event.ctrlKey || event.metaKey || event.altKey;
  return !isCommand && !event.defaultPrevented && !isTyping(event) && document.querySelector('dialog[open]') === null;
}

function isPlace(key: string): key is keyof typeof PLACES {
  return Object.hasOwn(PLACES, key);
}

/** The keys that work on every screen, and the list of them. */
export function Shortcuts(): ReactNode {
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const pressedG = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!isOurs(event)) return;
      const { key } = event;
      const isSecond = Date.now() - pressedG.current < SEQUENCE_MS;
      pressedG.current = key === 'g' ? Date.now() : 0;
      if (key === '?') setOpen(true);
      else if (isSecond && isPlace(key)) void navigate({ to: PLACES[key] });
      else if (onRowKey(key) || (key === 'Escape' && goBack()) || (/^[1-9]$/.test(key) && openPart(Number(key)))) {
        event.preventDefault();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [navigate]);
  if (!isOpen) return null;
  return (
    <Dialog title={text.shortcuts.title} onClose={() => setOpen(false)}>
      <dl className="mb-4 grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {text.shortcuts.list.map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded border border-edge bg-sunken px-1.5 py-0.5 font-mono text-sm">{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Button onClick={() => setOpen(false)}>{text.common.close}</Button>
        <Link to="/design" onClick={() => setOpen(false)} className="text-sm">
          {text.design.open}
        </Link>
      </div>
    </Dialog>
  );
}
