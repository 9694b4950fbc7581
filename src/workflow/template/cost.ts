import { asList, isAst, type Ast } from './ast.js';

/**
 * How many parts an expression has, where its time grows with no more than its size times that of what it reads; null
 * where it may grow faster, or what it computes may be much larger than what it reads. Anything that is not known to be
 * cheap is not.
 */
export function countParts(ast: unknown): number | null {
  const walk = new Walk();
  return walk.part(ast, false) === null ? null : walk.parts;
}

/**
 * One walk over the tree. Each method gives how often what is read may be multiplied in the part's value; null where
 * the part is not cheap.
 */
class Walk {
  parts = 0;

  /** `each`: whether the part is evaluated for each of many values. What it reads must then be of that value. */
  part(part: unknown, each: boolean): number | null {
    if (Array.isArray(part)) return this.all(part, each);
    if (!isAst(part)) return 0;
    this.parts += 1;
    if (UNBOUNDED.some((field) => part[field] !== undefined)) return null;
    const filters = this.all([part['predicate'], part['stages']], true);
    const own = this.#byType(part, each);
    return filters === null || own === null ? null : Math.max(filters, own);
  }

  #byType(part: Ast, each: boolean): number | null {
    switch (part['type']) {
      case 'name':
      case 'string':
      case 'number':
      case 'value':
        return 0;
      case 'variable':
        return part['value'] === '' || (part['value'] === '$' && !each) ? 0 : null;
      case 'filter':
        return this.part(part['expr'], true);
      case 'path':
        return this.#path(asList(part['steps']), each);
      case 'block':
        return this.all(asList(part['expressions']), each);
      case 'condition':
        return this.all([part['condition'], part['then'], part['else']], each);
      case 'binary':
        if (part['value'] === '..') return null;
        return multiplied(this.all([part['lhs'], part['rhs']], each), each && part['value'] === '&');
      case 'unary':
        return multiplied(this.all([part['expression'], part['expressions'], part['lhs']], each), each);
      case 'function':
        return this.#call(part, each);
      default:
        return null;
    }
  }

  all(parts: readonly unknown[], each: boolean): number | null {
    let most = 0;
    for (const part of parts) {
      const times = this.part(part, each);
      if (times === null) return null;
      most = Math.max(most, times);
    }
    return most;
  }

  /** Each step goes on with what the one before it has made. */
  #path(steps: readonly unknown[], each: boolean): number | null {
    let times = 0;
    for (const [index, step] of steps.entries()) {
      const more = this.part(step, each || index > 0);
      if (more === null || times + more > 1) return null;
      times += more;
    }
    return times;
  }

  #call(part: Ast, each: boolean): number | null {
    const { procedure } = part;
    if (!isAst(procedure) || procedure['type'] !== 'variable') return null;
    const name = String(procedure['value']);
    const args = asList(part['arguments']);
    const free = CHEAP_FUNCTIONS.get(name);
    if (free === undefined || !args.every((arg, index) => index < free || isConstant(arg))) return null;
    if (name === 'toMillis' && args.length > 1) return null;
    const given = this.all(args, each);
    if (given === null || !MULTIPLYING.has(name)) return given;
    return given === 0 ? 1 : null;
  }
}

/** What is made of parts at once is multiplied once; null stays null. */
function multiplied(times: number | null, isMultiplied: boolean): number | null {
  return times === null || !isMultiplied ? times : Math.max(1, times);
}

/** Groups copy what they have with each value; bindings of a step and parents bring in what lies beyond the value. */
const UNBOUNDED = ['group', 'focus', 'index', 'ancestor'];

const MAX_CONSTANT = 30;

function isConstant(part: unknown): boolean {
  if (!isAst(part) || !['string', 'number', 'value'].includes(String(part['type']))) return false;
  return String(part['value']).length <= MAX_CONSTANT;
}

/** Functions whose time and result grow with their first arguments (so many) only; the others must be constants. */
const CHEAP_FUNCTIONS: ReadonlyMap<string, number> = new Map([
  ...['now', 'millis', 'random', 'uuid'].map(withArguments(0)),
  ...['count', 'sum', 'max', 'min', 'average', 'boolean', 'not', 'exists', 'type', 'keys', 'reverse'].map(
    withArguments(1),
  ),
  ...['length', 'lowercase', 'uppercase', 'string', 'substring', 'fromMillis', 'toMillis'].map(withArguments(1)),
  ...['contains', 'substringBefore', 'substringAfter', 'join', 'replace'].map(withArguments(1)),
  ...['encodeUrlComponent', 'encodeUrl', 'decodeUrlComponent', 'decodeUrl', 'base64encode', 'base64decode'].map(
    withArguments(1),
  ),
  ...['number', 'floor', 'ceil', 'abs', 'sqrt', 'round', 'power', 'append', 'lookup'].map(withArguments(2)),
]);

/** Their result may be some times as large as what they are given. */
const MULTIPLYING: ReadonlySet<string> = new Set([
  'append',
  'base64encode',
  'encodeUrl',
  'encodeUrlComponent',
  'join',
  'replace',
  'string',
]);

function withArguments(free: number): (name: string) => readonly [string, number] {
  return (name) => [name, free];
}
