import type { ComponentChildren, ComponentProps } from 'preact';
import { useState } from 'preact/hooks';
import type { Json } from '@core/json.js';
import type { Frame } from './frame.js';
import { text } from './text.js';

/** While it is busy it does nothing, and keeps the focus. */
export function BusyButton({
  isBusy,
  onClick,
  ...props
}: Omit<ComponentProps<'button'>, 'onClick' | 'disabled'> & {
  readonly isBusy: boolean;
  readonly onClick?: () => void;
}) {
  const press = (event: Event): void => {
    if (isBusy) event.preventDefault();
    else onClick?.();
  };
  return <button type="button" {...props} aria-disabled={isBusy} onClick={press} />;
}

/** Where the host offers another size. */
export function ModeButton({ frame }: { readonly frame: Frame }) {
  const { displayMode = 'inline', availableDisplayModes: modes = [] } = frame.context;
  const other = displayMode === 'fullscreen' ? 'inline' : 'fullscreen';
  if (!modes.includes(other)) return null;
  return (
    <button type="button" class="end" onClick={() => void frame.setMode(other)}>
      {other === 'fullscreen' ? text.expand : text.shrink}
    </button>
  );
}

export function Status({ status }: { readonly status: string }) {
  return <span class={`status state state-${status}`}>{text.status[status] ?? status}</span>;
}

/** That what is shown may be out of date, and why. */
export function Stale({ why, onAgain }: { readonly why: string; readonly onAgain: () => void }) {
  return (
    <p class="soft" role="status">
      {text.stale(why)}{' '}
      <button type="button" onClick={onAgain}>
        {text.tryAgain}
      </button>
    </p>
  );
}

/** Does something through the host, and shows what is said against it. */
export function Attempt({
  run,
  children,
}: {
  readonly run: (value: Json) => Promise<void>;
  readonly children: (start: (value: Json) => void, isBusy: boolean) => ComponentChildren;
}) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const start = (value: Json): void => {
    setBusy(true);
    setError(null);
    run(value)
      .catch((thrown: unknown) => setError(thrown instanceof Error ? thrown.message : String(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      {children(start, isBusy)}
      {error !== null && (
        <p class="state state-failed" role="alert">
          {error}
        </p>
      )}
    </>
  );
}
