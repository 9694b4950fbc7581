import { Link } from '@tanstack/react-router';
import { useId, useState, type FormEvent, type ReactNode } from 'react';
import type { RunFilters } from '../../app/run-filters.js';
import { useSession } from '../../app/session-context.js';
import { Button } from '../../design/button.js';
import { text } from '../../text/en.js';
import { useSavedViews } from './saved-views.js';

const t = text.runs.views;

/** The saved views as links, and ways to save what is shown and to show all. */
export function ViewsBar({
  filters,
  onClear,
}: {
  readonly filters: RunFilters;
  readonly onClear: () => void;
}): ReactNode {
  const session = useSession();
  const { views, save, remove } = useSavedViews(session.organization.slug);
  const { before: _, ...kept } = filters;
  const isFiltered = Object.keys(kept).length > 0;
  const shown = JSON.stringify(kept);
  if (views.length === 0 && !isFiltered) return null;
  return (
    <div role="group" aria-label={t.title} className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
      {views.map((view) => (
        <span key={view.name} className="flex items-center rounded-md border border-line bg-panel">
          <Link
            to="/runs"
            search={view.filters}
            aria-current={JSON.stringify(view.filters) === shown ? 'true' : undefined}
            className="plain px-2.5 py-1.5 text-ink hover:underline aria-[current=true]:font-semibold"
          >
            {view.name}
          </Link>
          <button
            type="button"
            aria-label={t.remove(view.name)}
            onClick={() => remove(view.name)}
            className="px-2 py-1.5 text-soft hover:text-ink"
          >
            ×
          </button>
        </span>
      ))}
      {isFiltered && !views.some((view) => JSON.stringify(view.filters) === shown) && (
        <SaveView onSave={(name) => save({ name, filters: kept })} />
      )}
      {isFiltered && <Button onClick={onClear}>{text.runs.clear}</Button>}
    </div>
  );
}

function SaveView({ onSave }: { readonly onSave: (name: string) => void }): ReactNode {
  const id = useId();
  const [name, setName] = useState<string | null>(null);
  if (name === null) {
    return <Button onClick={() => setName('')}>{t.save}</Button>;
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSave(name.trim());
    setName(null);
  };
  return (
    <form onSubmit={submit} className="flex items-center gap-2">
      <label htmlFor={id} className="text-soft">
        {t.name}
      </label>
      <input
        id={id}
        required
        pattern=".*\S.*"
        maxLength={60}
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        className="w-40 rounded-md border border-edge bg-panel px-2 py-1.5"
      />
      <Button type="submit">{t.keep}</Button>
    </form>
  );
}
