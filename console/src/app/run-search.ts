export const RUN_VIEWS = ['timeline', 'graph', 'log', 'data'] as const;
export type RunView = (typeof RUN_VIEWS)[number];

export interface RunSearch {
  readonly view?: RunView;
  /** The node whose details are shown. */
  readonly node?: string;
}

/** What makes no sense is passed over. */
export function readRunSearch(search: Record<string, unknown>): RunSearch {
  const view = RUN_VIEWS.find((known) => known === search['view']);
  const { node } = search;
  return { ...(view === undefined ? {} : { view }), ...(typeof node === 'string' ? { node } : {}) };
}
