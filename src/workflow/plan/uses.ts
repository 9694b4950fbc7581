/** What `uses` says of a function that a workflow written in TypeScript holds at the node itself. */
export const INLINE = '#run';

export interface HandlerPlace {
  /** Relative to the workflow's file, starting with `./` or `../`. */
  readonly file: string;
  /** `default` when none is named. */
  readonly export: string;
}

/** Reads `./agents/crawl.ts` or `./agents/crawl.ts#name`; null when it is neither. */
export function parseUses(uses: string): HandlerPlace | null {
  const match = /^(\.{1,2}\/[^#]*\.(?:ts|mts|js|mjs))(?:#([A-Za-z_$][\w$]*))?$/.exec(uses);
  const file = match?.[1];
  return file === undefined ? null : { file, export: match?.[2] ?? 'default' };
}
