import type { Json } from '../../core/json.js';
import { asList, isAst, type Ast } from './ast.js';

/** The parts of a scope that an expression can reach, as a tree of names. `whole`: everything below. */
export interface Reads {
  whole: boolean;
  readonly parts: Map<string, Reads>;
}

/**
 * Finds what an expression reads of its scope, never too little: with nothing but that in its scope it comes to the
 * same. It follows what each part of the syntax tree is evaluated in, as long as that is known by its names from the
 * scope on.
 */
export function findReads(ast: unknown): Reads {
  const reads = nothing();
  use(visit(ast, SCOPE, reads), reads);
  return reads;
}

/** The scope without what is not read. What is kept is shared with the scope. */
export function takeReads(scope: object, reads: Reads): Json {
  return take(scope as Json, reads);
}

function take(value: Json, reads: Reads): Json {
  if (reads.whole || typeof value !== 'object' || value === null) return value;
  // A name leads through lists, and lists of lists, to what it finds in their items.
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => take(item, reads));
  const taken: { [name: string]: Json } = {};
  for (const [name, inner] of reads.parts) {
    if (!Object.hasOwn(value, name)) continue;
    const kept = take((value as { readonly [name: string]: Json })[name] ?? null, inner);
    // Assigning to this name would set the prototype.
    if (name === '__proto__') Object.defineProperty(taken, name, { value: kept, enumerable: true });
    else taken[name] = kept;
  }
  return taken;
}

/**
 * Where a part is evaluated: the names that lead there from the scope; null for within what is read as a whole, or
 * something else.
 */
type Place = readonly string[] | null;

const SCOPE: Place = [];

function nothing(): Reads {
  return { whole: false, parts: new Map() };
}

function use(place: Place, reads: Reads): void {
  if (place === null) return;
  let at = reads;
  for (const name of place) {
    if (at.whole) return;
    const inner = at.parts.get(name) ?? nothing();
    at.parts.set(name, inner);
    at = inner;
  }
  at.whole = true;
}

/** Returns where the part leads; whoever does more with that than to follow a name from there must `use` it. */
function visit(part: unknown, place: Place, reads: Reads): Place {
  if (Array.isArray(part)) {
    for (const item of part) use(visit(item, place, reads), reads);
    return null;
  }
  if (!isAst(part)) return null;
  const result = visitByType(part, place, reads);
  const inner = INNER.flatMap((field) => (part[field] === undefined ? [] : [part[field]]));
  if (inner.length === 0) return result;
  // Filters, groups and what binds to variables see each value that is there.
  use(result, reads);
  // With its value bound to a variable, a step leads nowhere else.
  if (part['focus'] !== undefined) use(place, reads);
  visitInner(inner, reads);
  return null;
}

/** Fields that are evaluated in the part's own values, or name them. */
const INNER = ['predicate', 'stages', 'group', 'focus', 'index', 'ancestor'];
const NOT_VALUES: ReadonlySet<string> = new Set([
  ...INNER,
  'type',
  'value',
  'position',
  'keepArray',
  'keepSingletonArray',
]);

function visitByType(part: Ast, place: Place, reads: Reads): Place {
  switch (part['type']) {
    case 'path':
      return visitPath(asList(part['steps']), place, reads);
    case 'name':
      return place === null ? null : [...place, String(part['value'])];
    case 'variable':
      // A function under another name may be called without its arguments.
      if (String(part['value']) in FROM_CONTEXT) use(SCOPE, reads);
      if (part['value'] === '$') return SCOPE;
      return part['value'] === '' ? place : null;
    case 'block':
      return visitBlock(asList(part['expressions']), place, reads);
    case 'function':
    case 'partial':
      // A function takes what it is evaluated in for an argument that is missing.
      if (!isGivenAll(part)) use(place, reads);
      break;
    case 'lambda':
      if (part['signature'] !== undefined) use(place, reads);
      break;
    case 'wildcard':
    case 'descendant':
      use(place, reads);
      break;
    case 'parent':
      use(SCOPE, reads);
      break;
    case 'sort':
      use(place, reads);
      visitInner([part['terms']], reads);
      return null;
    case 'transform':
      visitInner([part['pattern'], part['update'], part['delete']], reads);
      return null;
    default:
  }
  for (const [field, value] of Object.entries(part)) {
    if (NOT_VALUES.has(field) || (field === 'procedure' && isVariable(value))) continue;
    use(visit(value, place, reads), reads);
  }
  return null;
}

function visitPath(steps: readonly unknown[], place: Place, reads: Reads): Place {
  let current = place;
  for (const [index, step] of steps.entries()) {
    const follows = isAst(step) && (step['type'] === 'name' || (step['type'] === 'variable' && step['value'] === ''));
    if (index > 0 && !follows) {
      // It is evaluated for each value that is there, whatever it reads of it.
      use(current, reads);
      current = null;
    }
    current = visit(step, current, reads);
  }
  return current;
}

function visitBlock(expressions: readonly unknown[], place: Place, reads: Reads): Place {
  let last: Place = null;
  for (const expression of expressions) {
    use(last, reads);
    last = visit(expression, place, reads);
  }
  return last;
}

/** What is evaluated within values that are read as a whole; `$$` still leads to the scope. */
function visitInner(parts: readonly unknown[], reads: Reads): void {
  for (const part of parts) {
    if (Array.isArray(part)) visitInner(part, reads);
    else if (isAst(part)) {
      if (typeof part['type'] === 'string' && part['type'] !== 'filter') use(visit(part, null, reads), reads);
      else visitInner(Object.values(part), reads);
    }
  }
}

/**
 * The JSONata functions that take a missing argument from the value that they are evaluated in, whatever that value is;
 * with the number of arguments from which on they do not.
 */
const FROM_CONTEXT: { readonly [name: string]: number } = {
  string: 1,
  boolean: 1,
  not: 1,
  keys: 1,
  spread: 1,
  clone: 1,
  lookup: 2,
  each: 2,
  sift: 2,
};

function isGivenAll(part: Ast): boolean {
  const procedure = part['procedure'];
  if (!isVariable(procedure)) return true;
  return asList(part['arguments']).length >= (FROM_CONTEXT[String(procedure['value'])] ?? 0);
}

function isVariable(part: unknown): part is Ast {
  return isAst(part) && part['type'] === 'variable';
}
