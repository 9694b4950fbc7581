import { useState } from 'react';
import type { RunFilters } from '../../app/run-filters.js';

export interface SavedView {
  readonly name: string;
  /** As they stand in the address. */
  readonly filters: RunFilters;
}

/** More would be no help any more. */
const MAX_VIEWS = 50;

/** The views that somebody has saved in this browser, for one organization. */
export function useSavedViews(organization: string): {
  readonly views: readonly SavedView[];
  readonly save: (view: SavedView) => void;
  readonly remove: (name: string) => void;
} {
  const place = `errand.views.${organization}`;
  const [views, setViews] = useState(() => readViews(place));
  const keep = (next: readonly SavedView[]): void => {
    setViews(next);
    try {
      localStorage.setItem(place, JSON.stringify(next));
    } catch {
      // A browser that keeps nothing shows them until it is closed.
    }
  };
  return {
    views,
    // One name, one view.
    save: (view) => keep([...views.filter(({ name }) => name !== view.name), view].slice(-MAX_VIEWS)),
    remove: (gone) => keep(views.filter(({ name }) => name !== gone)),
  };
}

function readViews(place: string): readonly SavedView[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return Array.isArray(read) ? read.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const { name, filters } = value as Partial<SavedView>;
  return typeof name === 'string' && typeof filters === 'object' && filters !== null;
}
