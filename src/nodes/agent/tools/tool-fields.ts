import type { FieldProblem, FieldSpec } from '../../../core/handlers/node-kind.js';
import { httpSettingsSchema } from '../../http/http-settings.js';
import { BUILT_IN_NAMES } from './built-in-tools.js';

/** As every provider takes it. */
const NAME = '^[A-Za-z][A-Za-z0-9_-]{0,63}$';

/** What an item of `tools` has; which of them go together is for `checkTools` to say. */
const ITEM_FIELDS: { readonly [name: string]: FieldSpec } = {
  workflow: {
    description: 'Runs the workflow with this id; the arguments are its input.',
    schema: { type: 'string', minLength: 1 },
    role: 'plain',
    names: 'workflow',
  },
  code: {
    description: 'Calls a function, as a `code` node does; the arguments are its input.',
    schema: { type: 'string' },
    role: 'handler',
  },
  http: {
    description: 'Makes a request, as an `http` node does; its templates see the arguments as `args`.',
    schema: httpSettingsSchema,
    role: 'template',
  },
  mcp: {
    description: 'Offers the tools of this MCP server of the configuration.',
    schema: { type: 'string', minLength: 1 },
    role: 'plain',
    names: 'mcp_server',
  },
  allow: {
    description: 'Of an MCP server: which of its tools; all that the workflow may call when not given.',
    schema: { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
    role: 'plain',
  },
  name: {
    description: 'What the model calls it: letters, digits, _ and -; the id of a workflow when not given.',
    schema: { type: 'string', pattern: NAME },
    role: 'plain',
  },
  description: {
    description: 'What the model is told about it.',
    schema: { type: 'string', minLength: 1 },
    role: 'plain',
  },
  input: {
    description: 'The JSON Schema of its arguments, an object; for a workflow its input schema.',
    schema: { type: 'object' },
    role: 'schema',
  },
};

export const TOOLS_FIELD: FieldSpec = {
  description: 'What the model may use.',
  schema: { type: 'array' },
  role: 'list',
  items: ITEM_FIELDS,
};

const SOURCES = ['workflow', 'code', 'http', 'mcp'] as const;
type Source = (typeof SOURCES)[number];

/** What each takes beside itself, and has to have. */
const RULES: { readonly [S in Source]: { readonly takes: readonly string[]; readonly needs: readonly string[] } } = {
  workflow: { takes: ['name', 'description'], needs: [] },
  code: { takes: ['name', 'description', 'input'], needs: ['name', 'description'] },
  http: { takes: ['name', 'description', 'input'], needs: ['name', 'description'] },
  mcp: { takes: ['allow'], needs: [] },
};

type Fields = { readonly [field: string]: unknown };

/** With their places; what is no object is told by their fields. */
function listTools({ tools }: Fields): readonly (readonly [index: number, tool: Fields])[] {
  if (!Array.isArray(tools)) return [];
  return [...(tools as readonly unknown[]).entries()].flatMap(([index, tool]) =>
    typeof tool === 'object' && tool !== null ? [[index, tool as Fields] as const] : [],
  );
}

export function hasWorkflowTool(node: Fields): boolean {
  return listTools(node).some(([, tool]) => tool['workflow'] !== undefined);
}

/** What is wrong with the tools of a node as it is written, beyond what their fields tell each by itself. */
export function checkTools(node: Fields): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  const names = new Map<string, number>();
  for (const [index, tool] of listTools(node)) {
    const tell = (field: string | null, message: string): void => {
      problems.push({ field: 'tools', at: field === null ? [index] : [index, field], message });
    };
    checkSource(tool, tell);
    checkInput(tool, tell);
    const name = tool['name'] ?? tool['workflow'];
    if (typeof name !== 'string') continue;
    const field = tool['name'] === undefined ? 'workflow' : 'name';
    const before = names.get(name);
    if (BUILT_IN_NAMES.includes(name)) tell(field, `every agent has a tool "${name}" of its own`);
    else if (before === undefined) names.set(name, index);
    else tell(field, `another tool has this name already: tools[${before}]; give it a "name" of its own`);
  }
  return problems;
}

type Tell = (field: string | null, message: string) => void;

function checkSource(tool: Fields, tell: Tell): void {
  const sources = SOURCES.filter((source) => tool[source] !== undefined);
  const [source] = sources;
  if (source === undefined || sources.length > 1) {
    tell(null, `a tool has one of ${SOURCES.join(', ')}`);
    return;
  }
  const { takes, needs } = RULES[source];
  for (const field of needs) if (tool[field] === undefined) tell(null, `the required field "${field}" is missing`);
  for (const field of Object.keys(ITEM_FIELDS)) {
    if (field === source || takes.includes(field) || tool[field] === undefined) continue;
    tell(field, `a tool of "${source}" has no "${field}"`);
  }
}

/** Arguments come by name. */
function checkInput({ input }: Fields, tell: Tell): void {
  if (typeof input !== 'object' || input === null) return;
  const { type } = input as Fields;
  if (type !== 'object') tell('input', 'must be a schema with "type": "object": arguments have names');
}
