import type { ComponentProps, ReactNode } from 'react';

const LOOKS = {
  plain: 'border border-edge bg-panel text-ink hover:bg-sunken',
  main: 'border border-transparent bg-accent text-on-accent hover:brightness-110',
  danger: 'border border-transparent bg-danger text-white hover:brightness-110',
  quiet: 'border border-transparent text-ink hover:bg-sunken',
} as const;

export function Button({
  look = 'plain',
  className = '',
  ...props
}: ComponentProps<'button'> & { readonly look?: keyof typeof LOOKS }): ReactNode {
  return (
    <button
      type="button"
      {...props}
      className={`inline-flex min-h-9 items-center gap-2 rounded-md px-3.5 py-1.5 text-sm font-medium disabled:opacity-60 ${LOOKS[look]} ${className}`}
    />
  );
}
