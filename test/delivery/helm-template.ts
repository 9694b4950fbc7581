import { stringify } from 'yaml';

/**
 * Renders what the chart in deploy/helm uses of Go's templates and of Helm's functions, and refuses everything else:
 * `if`, `else if`, `else`, `range`, `define`, `include`, `toYaml`, `nindent`, `quote`, `default`, `printf`, `not`.
 */
export function renderTemplates(sources: readonly string[], context: object): string[] {
  const definitions = new Map<string, Node[]>();
  const parsed = sources.map((source) => parse(source, definitions));
  return parsed.map((nodes) => renderAll(nodes, { dot: context, variables: {}, definitions }));
}

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly expression: string }
  | { readonly kind: 'if'; readonly branches: readonly { readonly when: string | null; readonly body: Node[] }[] }
  | { readonly kind: 'range'; readonly names: readonly [string, string]; readonly over: string; readonly body: Node[] };

interface Scope {
  readonly dot: unknown;
  readonly variables: { readonly [name: string]: unknown };
  readonly definitions: ReadonlyMap<string, readonly Node[]>;
}

type Token = { readonly text: string } | { readonly action: string };

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let trimNext = false;
  let at = 0;
  for (const match of source.matchAll(/\{\{(-)?\s*([\s\S]*?)\s*(-)?\}\}/g)) {
    let text = source.slice(at, match.index);
    if (trimNext) text = text.trimStart();
    if (match[1] !== undefined) text = text.trimEnd();
    tokens.push({ text }, { action: match[2] ?? '' });
    trimNext = match[3] !== undefined;
    at = match.index + match[0].length;
  }
  const rest = source.slice(at);
  return [...tokens, { text: trimNext ? rest.trimStart() : rest }];
}

function parse(source: string, definitions: Map<string, Node[]>): Node[] {
  const tokens = tokenize(source);
  let at = 0;
  const parseBody = (): { readonly nodes: Node[]; readonly end: string } => {
    const nodes: Node[] = [];
    for (;;) {
      const token = tokens[at];
      at += 1;
      if (token === undefined) return { nodes, end: '' };
      if ('text' in token) {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      const { action } = token;
      if (action === 'end' || action.startsWith('else')) return { nodes, end: action };
      const [, word = '', rest = ''] = /^(\w+)?\s*([\s\S]*)$/.exec(action) ?? [];
      if (word === 'if') nodes.push(parseIf(rest));
      else if (word === 'range') nodes.push(parseRange(rest));
      else if (word === 'define') definitions.set(rest.replaceAll('"', ''), parseBody().nodes);
      else nodes.push({ kind: 'value', expression: action });
    }
  };
  const parseIf = (first: string): Node => {
    const branches: { when: string | null; body: Node[] }[] = [];
    for (let when: string | null = first; ;) {
      const { nodes, end } = parseBody();
      branches.push({ when, body: nodes });
      if (end === 'end') return { kind: 'if', branches };
      when = end === 'else' ? null : end.replace(/^else if /, '');
    }
  };
  const parseRange = (rest: string): Node => {
    const [, key, value, over] = /^\$(\w+), \$(\w+) := (.+)$/.exec(rest) ?? [];
    if (key === undefined || value === undefined || over === undefined) throw new Error(`unknown range: ${rest}`);
    return { kind: 'range', names: [key, value], over, body: parseBody().nodes };
  };
  const { nodes, end } = parseBody();
  if (end !== '') throw new Error(`unexpected ${end}`);
  return nodes;
}

function renderAll(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => render(node, scope)).join('');
}

function render(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'value':
      return show(evaluate(node.expression, scope));
    case 'if': {
      const taken = node.branches.find(({ when }) => when === null || isTrue(evaluate(when, scope)));
      return taken === undefined ? '' : renderAll(taken.body, scope);
    }
    case 'range': {
      const [key, value] = node.names;
      return Object.entries(evaluate(node.over, scope) as object)
        .map(([name, item]) =>
          renderAll(node.body, { ...scope, variables: { ...scope.variables, [key]: name, [value]: item as unknown } }),
        )
        .join('');
    }
  }
}

function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function show(value: unknown): string {
  if (value === undefined || value === null) throw new Error('a value is missing');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function evaluate(expression: string, scope: Scope): unknown {
  const [first = '', ...rest] = expression.split(/\s+\|\s+(?![^(]*\))/);
  return rest.reduce<unknown>(
    (value, call) => callFunction(wordsOf(call), scope, [value]),
    callFunction(wordsOf(first), scope),
  );
}

/** Words, texts in quotes and groups in parentheses. */
function wordsOf(text: string): string[] {
  return text.match(/\((?:[^()]|\([^()]*\))*\)|"[^"]*"|\S+/g) ?? [];
}

function callFunction([name = '', ...words]: readonly string[], scope: Scope, piped: readonly unknown[] = []): unknown {
  const given = [...words.map((word) => valueOf(word, scope)), ...piped];
  const [first, second] = given;
  switch (name) {
    case 'include':
      return renderAll(scope.definitions.get(String(first)) ?? [], { ...scope, dot: second });
    case 'toYaml':
      return stringify(first).trimEnd();
    case 'nindent':
      return `\n${String(second).replaceAll(/^(?=.)/gm, ' '.repeat(Number(first)))}`;
    case 'quote':
      return JSON.stringify(String(first));
    case 'default':
      return isTrue(second) ? second : first;
    case 'not':
      return !isTrue(first);
    case 'printf':
      return given.slice(1).reduce<string>((text, value) => text.replace(/%[sv]/, show(value)), String(first));
    default:
      if (given.length > 0) throw new Error(`unknown function: ${name}`);
      return valueOf(name, scope);
  }
}

function valueOf(word: string, scope: Scope): unknown {
  if (word.startsWith('(')) return evaluate(word.slice(1, -1), scope);
  if (word.startsWith('"')) return word.slice(1, -1);
  if (/^\d+$/.test(word)) return Number(word);
  if (word.startsWith('$')) return scope.variables[word.slice(1)];
  if (word === '.') return scope.dot;
  if (!/^(?:\.\w+)+$/.test(word)) throw new Error(`unknown word: ${word}`);
  return word
    .slice(1)
    .split('.')
    .reduce<unknown>((value, name) => (value as { readonly [name: string]: unknown } | undefined)?.[name], scope.dot);
}
