import type { Isolation } from '../core/ports/isolation.js';
import { parseSource, type ParsedSource } from '../workflow/parse-source.js';

/** In characters. Longer texts take long to read, so that is done beside the server, where there is a place for it. */
const LONG_TEXT = 16_000;

/**
 * As `parseSource`. Where a place stands in a long text is looked for when somebody asks, which takes as long as to
 * read it here.
 */
export async function readSource(
  source: { readonly text: string; readonly format: 'yaml' | 'json' },
  isolation: Pick<Isolation, 'readSource'> | undefined,
): Promise<ParsedSource> {
  if (isolation === undefined || source.text.length <= LONG_TEXT) return parseSource(source);
  const { value, faults } = await isolation.readSource(source);
  let whole: ParsedSource | null = null;
  return { value, faults, locate: (path) => (whole ??= parseSource(source)).locate(path) };
}
