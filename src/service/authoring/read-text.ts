import type { SourcePath, SourcePosition, SourceReading } from '../../core/ports/isolation.js';
import { AUTHORING_LIMITS } from '../../core/workflow/authoring-limits.js';
import { parseSource } from '../../workflow/parse-source.js';
import type { WorkflowText } from '../../core/workflow/checked-text.js';
import type { Catalog } from '../state/catalog.js';

export interface SentText extends WorkflowText {
  readonly organizationId: string;
}

/** Beside the server, where there is a place for it: a text that is made for it takes long to read. */
export async function readText(
  { isolation }: Pick<Catalog, 'isolation'>,
  { text, format, organizationId }: SentText,
): Promise<SourceReading> {
  const { definition: maxLength } = AUTHORING_LIMITS;
  if (text.length > maxLength) return refuse(`a text may have ${maxLength} characters, not ${text.length}`);
  if (isolation !== undefined) return isolation.readSource({ text, format, organizationId, maxLength });
  const { value, faults } = parseSource({ text, format });
  return { value: value as SourceReading['value'], faults };
}

function refuse(message: string): SourceReading {
  return { value: undefined, faults: [{ message, line: 1, column: 1 }] };
}

/** Where places of its value stand in a text, in their order. What cannot be found out is left away at the end. */
export async function locateInText(
  { isolation }: Pick<Catalog, 'isolation'>,
  { text, format, organizationId }: SentText,
  paths: readonly SourcePath[],
): Promise<readonly SourcePosition[]> {
  if (paths.length === 0) return [];
  if (isolation !== undefined) return isolation.locate({ text, format, organizationId, paths });
  const parsed = parseSource({ text, format });
  return paths.map((path) => parsed.locate(path));
}
