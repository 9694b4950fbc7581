import { asList, isAst, type Ast } from './ast.js';
import type { Expression } from './expression.js';

/** What an expression reads of the scope, as far as its text tells. */
export interface References {
  /** Ids named after `nodes`. */
  readonly nodes: ReadonlySet<string>;
  /** First names that the expression looks up in the scope itself: `input`, `nodes`, …, or ones that are not there. */
  readonly roots: ReadonlySet<string>;
  /** What is read of single nodes: `output`, `status`, …, or fields that nodes do not have. */
  readonly nodeFields: ReadonlySet<string>;
  /** Names after `secrets`. */
  readonly secrets: ReadonlySet<string>;
  /** Whether all nodes are read at once: `nodes.*`. */
  readonly everyNode: boolean;
}

/**
 * Finds them by walking JSONata's syntax tree with what each name is looked up in: the scope, its `nodes`, or something
 * else. Names reached in other ways (through variables, `$eval`) are not seen.
 */
export function findReferences(expression: Expression): References {
  const found = nothingFound();
  if (expression.path === null) visit(expression.ast, 'scope', found);
  else expression.path.reduce<Focus>((focus, name) => visitName(name, focus, found), 'scope');
  return found;
}

type Focus = 'scope' | 'nodes' | 'node' | 'secrets' | 'other';

interface FoundReference {
  readonly nodes: Set<string>;
  readonly roots: Set<string>;
  readonly nodeFields: Set<string>;
  readonly secrets: Set<string>;
  everyNode: boolean;
}

function nothingFound(): FoundReference {
  return { nodes: new Set(), roots: new Set(), nodeFields: new Set(), secrets: new Set(), everyNode: false };
}

/** Returns what the part's result is, as a focus for the step after it. */
function visit(part: unknown, focus: Focus, found: FoundReference): Focus {
  if (Array.isArray(part)) {
    for (const item of part) visit(item, focus, found);
    return 'other';
  }
  if (!isAst(part)) return 'other';
  const result = visitByType(part, focus, found);
  // Filters and groups look names up in what they filter and group.
  for (const after of [part['predicate'], part['stages'], part['group']]) visitInner(after, found);
  return result;
}

function visitByType(part: Ast, focus: Focus, found: FoundReference): Focus {
  switch (part['type']) {
    case 'path':
      return asList(part['steps']).reduce<Focus>((before, step) => visit(step, before, found), focus);
    case 'name':
      return visitName(String(part['value']), focus, found);
    case 'wildcard':
      if (focus !== 'nodes') return 'other';
      found.everyNode = true;
      return 'node';
    case 'variable':
      if (part['value'] === '$') return 'scope';
      return part['value'] === '' ? focus : 'other';
    case 'block': {
      const results = asList(part['expressions']).map((item) => visit(item, focus, found));
      return results.at(-1) ?? 'other';
    }
    case 'sort':
      visitInner(part['terms'], found);
      return 'other';
    case 'transform':
      visitInner([part['pattern'], part['update'], part['delete']], found);
      return 'other';
    case 'function':
      visitLookup(part, focus, found);
      break;
    default:
  }
  visitFields(part, focus, found);
  return 'other';
}

function visitName(name: string, focus: Focus, found: FoundReference): Focus {
  if (focus === 'scope') {
    found.roots.add(name);
    if (name === 'secrets') return 'secrets';
    return name === 'nodes' ? 'nodes' : 'other';
  }
  if (focus === 'nodes') {
    found.nodes.add(name);
    return 'node';
  }
  if (focus === 'secrets') found.secrets.add(name);
  if (focus === 'node') found.nodeFields.add(name);
  return 'other';
}

/** `$lookup(nodes, 'crawl')` */
function visitLookup(part: Ast, focus: Focus, found: FoundReference): void {
  const procedure = part['procedure'];
  const [where, key] = asList(part['arguments']);
  if (!isAst(procedure) || procedure['value'] !== 'lookup' || !isAst(key) || key['type'] !== 'string') return;
  if (visit(where, focus, nothingFound()) === 'nodes') found.nodes.add(String(key['value']));
}

const NOT_INNER: ReadonlySet<string> = new Set(['predicate', 'stages', 'group', 'type', 'value', 'position']);

function visitFields(part: Ast, focus: Focus, found: FoundReference): void {
  for (const [field, value] of Object.entries(part)) {
    if (!NOT_INNER.has(field)) visit(value, focus, found);
  }
}

/** Parts whose names are looked up in something other than the scope; `$$` still leads to it. */
function visitInner(part: unknown, found: FoundReference): void {
  if (Array.isArray(part)) {
    for (const item of part) visitInner(item, found);
  } else if (isAst(part)) {
    if (typeof part['type'] === 'string' && part['type'] !== 'filter') visit(part, 'other', found);
    else visitFields(part, 'other', found);
  }
}
