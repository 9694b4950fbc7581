import type { JsonSchema } from '../../core/json.js';
import { ExpressionRegex } from '../../schema/regex/linear-regex.js';
import { findInexpressible } from '../../schema/weigh-schema.js';
import { isAst } from '../template/ast.js';
import type { Expression } from '../template/expression.js';
import type { DefinitionPath } from '../schema/value-text.js';
import type { Faults } from './fields/faults.js';

const WHY =
  'cannot be matched in linear time (a lookaround, a backreference, or the like): it is matched beside the server, and ended when it takes long';

/**
 * Warns of regular expressions whose time may grow faster than the text that they are matched with. They work, but
 * slowly, and can time out.
 */
export function warnOfRegexes({ source, ast }: Expression, at: DefinitionPath, faults: Faults): void {
  if (!source.includes('/')) return;
  for (const regex of findRegexes(ast)) {
    if (!new ExpressionRegex(regex).isLinear) faults.warn(at, `the regular expression ${WHY}`, `/${regex.source}/`);
  }
}

/** The same for the patterns of a valid schema. */
export function warnOfPatterns(schema: JsonSchema, at: DefinitionPath, faults: Faults): void {
  for (const pattern of findInexpressible(schema)) faults.warn(at, `the pattern ${WHY}`, pattern);
}

function findRegexes(part: unknown): readonly RegExp[] {
  if (Array.isArray(part)) return part.flatMap(findRegexes);
  if (!isAst(part)) return [];
  if (part['type'] === 'regex' && part['value'] instanceof RegExp) return [part['value']];
  return Object.values(part).flatMap(findRegexes);
}
