import { didYouMean } from '../schema/did-you-mean.js';
import { warnOfRegexes } from './check-patterns.js';
import type { Faults } from './fields/faults.js';
import { asList, isAst } from '../template/ast.js';
import { findReferences, type References } from '../template/references.js';
import type { Expression } from '../template/expression.js';
import { findReads } from '../template/reads.js';
import type { ExpressionUse, ParsedTemplate } from '../template/template.js';
import type { DefinitionPath } from '../schema/value-text.js';

/** Who evaluates an expression, and so what it may read. */
export interface Reader {
  /**
   * The node that the expression belongs to; null for the workflow's result and summary, which see every node at its
   * end.
   */
  readonly nodeId: string | null;
  /** The node that it stands inside of; absent for one that stands in none. */
  readonly holder?: string | null;
  /** Whether it is evaluated once for each item, with `item` and `index`. */
  readonly inItems: boolean;
  /** Whether it is evaluated once for each round, with `round` and `previous`. */
  readonly inRounds?: boolean;
  /** Whether it is evaluated at the end of a round, with its `output`. */
  readonly afterRound?: boolean;
  /** Whether it makes a fallback, with the `error` that it stands in for. */
  readonly inFallback?: boolean;
  /** Whether it stands in an item of a list, with the `args` that it is evaluated for. */
  readonly inList?: boolean;
  /** The secrets that it may read; it sees none when not given. */
  readonly secrets?: ReadonlySet<string>;
  readonly nodeIds: ReadonlySet<string>;
  /** Whether the node has ended by then. */
  readonly hasEnded: (nodeId: string) => boolean;
  /** A node that may have ended by then or not; null when there is none. */
  readonly findUndecided: () => string | null;
}

const ROOTS = ['input', 'nodes', 'organization', 'run'];
const ITEM_ROOTS = ['item', 'index'];
const ROUND_ROOTS = ['round', 'previous'];
/** What has fields, whatever the workflow: to subtract from a field of it is possible, to subtract it is not. */
const OBJECT_ROOTS: readonly string[] = ROOTS;
const NODE_FIELDS = ['output', 'status', 'error', 'findings'];

/**
 * Tells bad expressions, slow ones, and those that read what is not there, or may not be there yet. `at` is where the
 * template stands.
 */
export function checkExpressions(template: ParsedTemplate, at: DefinitionPath, reader: Reader, faults: Faults): void {
  for (const { path, message, value } of template.faults) faults.add([...at, ...path], message, value);
  for (const use of template.uses) {
    for (const message of findMisreadings(use, reader, faults)) {
      faults.add([...at, ...use.path], message, `{{ ${use.expression.source.trim()} }}`);
    }
    warnOfRegexes(use.expression, [...at, ...use.path], faults);
  }
}

function findMisreadings({ expression }: ExpressionUse, reader: Reader, faults: Faults): string[] {
  const references = findReferences(expression);
  return [
    ...misreadRoots(references, reader),
    ...findDashes(expression.ast, OBJECT_ROOTS),
    ...misreadNodes(references, reader, faults),
    ...misreadSecrets(expression, references, reader, faults),
    ...[...references.nodeFields]
      .filter((field) => !NODE_FIELDS.includes(field))
      .map(
        (field) =>
          `reads "${field}" of a node, which has only ${NODE_FIELDS.join(', ')}${didYouMean(field, NODE_FIELDS) || `; did you mean "output.${field}"?`}`,
      ),
  ];
}

/** `input.x-input` subtracts: in JSONata a name with a dash stands in backticks. */
export function findDashes(part: unknown, roots: readonly string[]): string[] {
  if (Array.isArray(part)) return part.flatMap((each) => findDashes(each, roots));
  if (!isAst(part)) return [];
  const found = Object.values(part).flatMap((each) => findDashes(each, roots));
  if (part['type'] !== 'binary' || part['value'] !== '-') return found;
  const [left, right] = [namesOf(part['lhs']), namesOf(part['rhs'])];
  const [first = '', ...inner] = left;
  const [after = ''] = right;
  if (inner.length === 0 || right.length !== 1 || !roots.includes(first) || ITEM_ROOTS.includes(after)) return found;
  const dashed = `${inner.at(-1)}-${after}`;
  return [
    ...found,
    `subtracts "${after}" from "${left.join('.')}"; a name with a dash is written in backticks: ${[first, ...inner.slice(0, -1)].join('.')}.\`${dashed}\``,
  ];
}

/** The names of a path of plain names; empty for anything else. */
function namesOf(part: unknown): readonly string[] {
  if (!isAst(part) || part['type'] !== 'path') return [];
  const names = asList(part['steps']).map((step) =>
    isAst(step) && step['type'] === 'name' ? String(step['value']) : null,
  );
  return names.every((name) => name !== null) ? names : [];
}

function misreadRoots({ roots }: References, reader: Reader): string[] {
  const known = [
    ...ROOTS,
    ...(reader.inItems ? ITEM_ROOTS : []),
    ...(reader.inRounds === true ? ROUND_ROOTS : []),
    ...(reader.afterRound === true ? ['output'] : []),
    ...(reader.inList === true ? ['args'] : []),
    ...(reader.inFallback === true ? ['error'] : []),
    ...(reader.secrets === undefined ? [] : ['secrets']),
  ];
  return [...roots]
    .filter((root) => !known.includes(root))
    .map((root) => {
      if (root === 'secrets') return NO_SECRETS_HERE;
      if (ROUND_ROOTS.includes(root)) return `"${root}" is there only in the rounds of a repeat`;
      if (ITEM_ROOTS.includes(root)) return `"${root}" is there only for each item, inside a map's "do"`;
      if (reader.nodeIds.has(root)) return `looks up "${root}", which is a node; did you mean "nodes.${root}.output"?`;
      return `looks up "${root}", but an expression sees only ${known.join(', ')}${didYouMean(root, known)}`;
    });
}

const NO_SECRETS_HERE =
  'reads secrets, which only nodes of the kinds http, mcp and llm do, in "with" and their own fields; functions have secrets.get()';

function misreadSecrets(
  expression: Expression,
  { secrets }: References,
  { secrets: known }: Reader,
  faults: Faults,
): string[] {
  if (known === undefined) return [];
  const messages = [...secrets]
    .filter((name) => !known.has(name))
    .map(
      (name) =>
        `reads the secret "${name}", which is not among "secrets" of the workflow${faults.didYouMean(name, known)}`,
    );
  if (readsUnnamedSecrets(expression)) messages.push('reads secrets without their names; write secrets.name');
  return messages;
}

/** `secrets.*`, `$lookup(secrets, input.name)` and the like. */
function readsUnnamedSecrets({ path, ast }: Expression): boolean {
  if (path !== null) return path.length === 1 && path[0] === 'secrets';
  return findReads(ast).parts.get('secrets')?.whole === true;
}

function misreadNodes(references: References, reader: Reader, faults: Faults): string[] {
  const messages: string[] = [];
  for (const id of references.nodes) {
    if (!reader.nodeIds.has(id)) {
      messages.push(`reads the node "${id}", which does not exist${faults.didYouMean(id, reader.nodeIds)}`);
    } else if (id === reader.nodeId) {
      messages.push(`reads its own node "${id}", which has not run by then`);
    } else if (id === reader.holder) {
      messages.push(`reads the node "${id}", inside which it stands, and which has not ended by then`);
    } else if (!reader.hasEnded(id)) {
      messages.push(`reads the node "${id}", which may not have ended by then; add "${id}" to the needs of this node`);
    }
  }
  const undecided = references.everyNode ? reader.findUndecided() : null;
  if (undecided !== null) {
    messages.push(
      `reads every node (nodes.*), but "${undecided}" may or may not have ended by then; name the nodes, or add "${undecided}" to needs`,
    );
  }
  return messages;
}
