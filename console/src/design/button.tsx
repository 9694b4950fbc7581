import type { ComponentProps, ReactNode } from 'react';

const BOX =
  'inline-flex min-h-9 items-center gap-2 rounded-md px-3.5 py-1.5 text-sm font-medium aria-disabled:opacity-60';
const LOOKS = {
  plain: `${BOX} border border-edge bg-panel text-ink hover:bg-sunken`,
  main: `${BOX} border border-transparent bg-accent text-on-accent hover:brightness-110`,
  danger: `${BOX} border border-transparent bg-danger text-white hover:brightness-110`,
  quiet: `${BOX} border border-transparent text-ink hover:bg-sunken`,
  link: 'text-link underline aria-disabled:text-soft',
} as const;

/**
 * A button that is disabled keeps the focus, so that who works by the keyboard does not lose the place while a request
 * is sent: it is told to be disabled, and does nothing. Enter in a form presses its button, and does nothing then either.
 */
export function Button({
  look = 'plain',
  className = '',
  disabled = false,
  onClick,
  ...props
}: ComponentProps<'button'> & { readonly look?: keyof typeof LOOKS }): ReactNode {
  return (
    <button
      type="button"
      {...props}
      aria-disabled={disabled}
      onClick={disabled ? (event) => event.preventDefault() : onClick}
      className={`${LOOKS[look]} ${className}`}
    />
  );
}
