import type { Json } from '../../core/json.js';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import { ExpressionRegex } from '../../schema/regex/linear-regex.js';
import { findInexpressible } from '../../schema/weigh-schema.js';
import { isAst } from '../template/ast.js';
import { parseCondition, parseTemplate } from '../template/template.js';
import { Faults, type DefinitionFault } from './faults.js';

const WHY =
  'cannot be matched in linear time (a lookaround, a backreference, or the like): it is matched beside the server, and ended when it takes long';

/** The patterns of a workflow whose time may grow faster than the text that they are matched with. They work, but slowly, and can time out. */
export function findPatternWarnings(definition: WorkflowDefinition): readonly DefinitionFault[] {
  const warnings = new Faults();
  const { input, nodes } = definition;
  for (const pattern of input === undefined ? [] : findInexpressible(input)) {
    warnings.add(['input'], `the pattern ${WHY}`, pattern);
  }
  // Nodes are JSON as they were read.
  const parsed = nodes.map((node) => parseTemplate(node as unknown as Json).uses);
  for (const [index, uses] of parsed.entries()) {
    const { when } = nodes[index] ?? {};
    const conditions = typeof when === 'string' && !when.includes('{{') ? parseCondition(when).uses : [];
    const found = [...uses, ...conditions.map(({ expression }) => ({ path: ['when'], expression }))];
    for (const { path, expression } of found) {
      for (const regex of findRegexes(expression.ast)) {
        if (new ExpressionRegex(regex).isLinear) continue;
        const message = `the regular expression ${WHY}`;
        warnings.add(['nodes', index, ...path], message, `/${regex.source}/`);
      }
    }
  }
  return warnings.list;
}

function findRegexes(part: unknown): readonly RegExp[] {
  if (Array.isArray(part)) return part.flatMap(findRegexes);
  if (!isAst(part)) return [];
  if (part['type'] === 'regex' && part['value'] instanceof RegExp) return [part['value']];
  return Object.values(part).flatMap(findRegexes);
}
