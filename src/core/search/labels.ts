import type { Problem } from '../errors.js';

/** What a caller says of a run for itself and others to find it by. */
export interface RunLabels {
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: { readonly [name: string]: string } | undefined;
}

export const MAX_TAGS = 20;
/** Characters. */
export const MAX_TAG = 100;
export const MAX_METADATA = 20;
export const METADATA_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** Characters. */
export const MAX_METADATA_VALUE = 200;

// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f]/;

/** Everything that is wrong with them. */
export function findLabelProblems({ tags = [], metadata = {} }: RunLabels): readonly Problem[] {
  return [...findTagProblems(tags), ...findMetadataProblems(metadata)];
}

function findTagProblems(tags: readonly string[]): Problem[] {
  if (tags.length > MAX_TAGS) return [{ path: '/tags', message: `must be at most ${MAX_TAGS} tags` }];
  return tags.flatMap((tag, index) => {
    const problem = findTextProblem(tag, MAX_TAG);
    return problem === null ? [] : [{ path: `/tags/${index}`, message: problem }];
  });
}

function findMetadataProblems(metadata: { readonly [name: string]: string }): Problem[] {
  const entries = Object.entries(metadata);
  if (entries.length > MAX_METADATA) {
    return [{ path: '/metadata', message: `must have at most ${MAX_METADATA} entries` }];
  }
  return entries.flatMap(([name, value]) => {
    const path = `/metadata/${name.slice(0, 100)}`;
    if (!METADATA_NAME.test(name)) {
      return [{ path, message: 'must have a name of 1 to 64 letters, digits, _, . and -' }];
    }
    const problem = findTextProblem(value, MAX_METADATA_VALUE);
    return problem === null ? [] : [{ path, message: problem }];
  });
}

function findTextProblem(text: unknown, max: number): string | null {
  if (typeof text !== 'string') return 'must be text';
  if (text.trim() === '' || text.length > max) return `must have 1 to ${max} characters`;
  return CONTROLS.test(text) ? 'must be one line of text' : null;
}

/** As they are kept: each tag once, in order, and nothing that says nothing. */
export function toLabels({ tags = [], metadata = {} }: RunLabels): RunLabels {
  const kept = [...new Set(tags.map((tag) => tag.toWellFormed()))].toSorted();
  const names = Object.keys(metadata).toSorted();
  return {
    ...(kept.length === 0 ? {} : { tags: kept }),
    ...(names.length === 0
      ? {}
      : { metadata: Object.fromEntries(names.map((name) => [name, (metadata[name] ?? '').toWellFormed()])) }),
  };
}
