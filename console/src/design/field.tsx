import { useId, type ComponentProps, type ReactNode } from 'react';

/** How anything is drawn into which text is typed or from which is chosen. */
export const CONTROL = 'min-w-0 rounded-md border border-edge bg-panel px-3 py-1.5';

/** A label above what it names, which gets its id. */
export function Labelled({
  label,
  children,
}: {
  readonly label: ReactNode;
  readonly children: (id: string) => ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="block text-sm font-medium">
        {label}
      </label>
      {children(id)}
    </div>
  );
}

interface FieldProps extends Omit<ComponentProps<'input'>, 'id' | 'value' | 'onChange'> {
  readonly label: string;
  readonly value: string;
  readonly onType: (value: string) => void;
}

/** A line of text with its label above it. */
export function Field({ label, onType, className = 'w-full', ...props }: FieldProps): ReactNode {
  return (
    <Labelled label={label}>
      {(id) => (
        <input
          {...props}
          id={id}
          onChange={(event) => onType(event.target.value)}
          className={`mt-1 ${CONTROL} ${className}`}
        />
      )}
    </Labelled>
  );
}

/** Something that holds or does not. */
export function Tick({
  label,
  isOn,
  onToggle,
}: {
  readonly label: ReactNode;
  readonly isOn: boolean;
  readonly onToggle: (isOn: boolean) => void;
}): ReactNode {
  return (
    <label className="flex items-center gap-2 py-1 text-sm">
      <input type="checkbox" checked={isOn} onChange={(event) => onToggle(event.target.checked)} />
      {label}
    </label>
  );
}
