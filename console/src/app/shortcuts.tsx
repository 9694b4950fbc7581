import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '../design/button.js';
import { Dialog } from '../design/dialog.js';
import { text } from '../text/en.js';

/** After `g`, a letter that comes within this time goes somewhere. */
const SEQUENCE_MS = 1_500;

const PLACES: { readonly [key: string]: '/' | '/runs' | '/workflows' } = { o: '/', r: '/runs', w: '/workflows' };

/** Whether a key is text for what has the focus, also where that stands in a root of its own. */
export function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}

/** The keys that work on every screen, and the list of them. */
export function Shortcuts(): ReactNode {
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const pressedG = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const isSecond = Date.now() - pressedG.current < SEQUENCE_MS;
      if (event.key === '?') setOpen(true);
      else if (isSecond) void navigate({ to: PLACES[event.key] ?? '.' });
      pressedG.current = event.key === 'g' ? Date.now() : 0;
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
