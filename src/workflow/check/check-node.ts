import type { Json } from '../../core/json.js';
import type { FieldSpec, NodeKind } from '../../core/handlers/node-kind.js';
import { checkExpressions, type Reader } from './check-expressions.js';
import {
  anything,
  checkFields,
  duration,
  type FieldCheck,
  type FieldRules,
  type Fields,
  identifier,
  isFields,
  oneOf,
  text,
  wholeNumber,
} from './fields/check-fields.js';
import { checkBudget } from './spending/check-budget.js';
import { checkSchema, valueAt } from './check-schema.js';
import { kindOf } from './fields/kind-of.js';
import { didYouMean } from '../schema/did-you-mean.js';
import type { Faults } from './fields/faults.js';
import { compileSchema } from '../schema/schema.js';
import { parseCondition, parseTemplate } from '../template/template.js';
import { INLINE, parseUses } from '../plan/uses.js';
import { type DefinitionPath, pathToPointer, pointerToPath, showType } from '../schema/value-text.js';

const NODE_ID = identifier(/^[a-z][a-z0-9_]{0,99}$/, 'lower-case letters, digits and _, starting with a letter');

/** Names are the same for resources. */
const RESOURCE_NAME = NODE_ID;

const RETRY_RULES: FieldRules = {
  attempts: { required: true, check: wholeNumber(1, 100) },
  backoff: { check: oneOf('exponential', 'linear', 'fixed') },
  initial: { check: duration(0) },
  max: { check: duration(0) },
  on: { check: checkErrorKinds },
  except: { check: checkErrorKinds },
};

/** What an inner node (a map's `do`) may have of it. */
const INNER_RULES: FieldRules = {
  kind: { required: true, check: anything },
  with: { check: anything },
  retry: {
    check: (value, at, faults) => {
      checkFields({ value, at, what: 'a retry policy', rules: RETRY_RULES, faults });
    },
  },
  timeout: { check: duration(1) },
  resource: { check: RESOURCE_NAME },
};

const NODE_RULES: FieldRules = {
  id: { required: true, check: NODE_ID },
  ...INNER_RULES,
  role: { check: text },
  label: { check: text },
  needs: { check: anything },
  join: { check: oneOf('all', 'any') },
  when: { check: text },
  budget: { check: checkBudget },
  on_error: { check: checkOnError },
};

/** What a node that stands in a list of nodes of another one may have of it. */
const HELD_RULES: FieldRules = Object.fromEntries(
  Object.entries(NODE_RULES).filter(([name]) => !['role', 'label', 'budget'].includes(name)),
);

export type NodeKinds = ReadonlyMap<string, NodeKind>;

export interface NodeToCheck {
  readonly node: unknown;
  readonly at: DefinitionPath;
  readonly kinds: NodeKinds;
  readonly reader: Reader;
  /** What the workflow names as its secrets. */
  readonly secrets: ReadonlySet<string>;
  readonly faults: Faults;
  /** What fields of role `nodes` hold is put there, to be checked in turns of its own. */
  readonly bodies: BodyToCheck[];
}

/** The nodes that a node holds. */
export interface BodyToCheck {
  readonly nodes: unknown;
  readonly at: DefinitionPath;
  /** What the node's fields of role `outcome` say. */
  readonly outcomes: readonly { readonly value: unknown; readonly at: DefinitionPath; readonly isCondition: boolean }[];
  /** Whether they run in rounds. */
  readonly inRounds: boolean;
  readonly node: NodeToCheck;
}

/** Everything about a node but its place in the graph. */
export function checkNode(params: NodeToCheck): void {
  const { node, at, faults } = params;
  if (!checkNodeFields(params, 'a node', NODE_RULES) || !isFields(node)) return;
  const { role, label } = node;
  if (role !== undefined && label === undefined) {
    faults.add([...at, 'role'], 'an agent needs a "label" beside its "role"', role);
  }
  if (label !== undefined && role === undefined) {
    faults.add([...at, 'label'], 'a "label" is for agents, which have a "role" too', label);
  }
  checkControl(params, node);
}

/** The same for one that stands in a list of nodes of another one. */
export function checkHeldNode(params: NodeToCheck): void {
  const { node } = params;
  tellMisplaced(params, HELD_RULES, 'belongs to the node that this one stands in');
  if (checkNodeFields(params, 'a node', hideMisplaced(HELD_RULES)) && isFields(node)) checkControl(params, node);
}

/** When it runs, and what happens when it fails. */
function checkControl({ at, reader, faults }: NodeToCheck, node: Fields): void {
  const { when, join, needs, on_error: onError } = node;
  if (typeof when === 'string' && when.trim() !== '') {
    checkExpressions(parseCondition(when), [...at, 'when'], reader, faults);
  }
  if (join !== undefined && needs === undefined) {
    faults.add([...at, 'join'], 'says which of the "needs" must not have been skipped, and there are none', join);
  }
  if (isFields(onError) && onError['use'] !== undefined) {
    const sees = { ...reader, inFallback: true };
    checkExpressions(parseTemplate(onError['use'] as Json), [...at, 'on_error', 'use'], sees, faults);
  }
}

function checkOnError(value: unknown, at: DefinitionPath, faults: Faults): void {
  if (!isFields(value)) oneOf('fail', 'continue', '{ use: … }')(value, at, faults);
  else checkFields({ value, at, what: 'on_error', rules: { use: { required: true, check: anything } }, faults });
}

/** Functions give kinds of their own, so a name is a fault only where no function could give it. */
function checkErrorKinds(value: unknown, at: DefinitionPath, faults: Faults): void {
  if (!Array.isArray(value) || value.length === 0) {
    faults.add(at, 'must be a list of error kinds, such as [network, timeout, http_5xx]', value);
    return;
  }
  for (const [index, kind] of (value as readonly unknown[]).entries()) {
    const place = [...at, index];
    if (typeof kind !== 'string' || kind.trim() === '')
      faults.add(place, `must be an error kind, not ${showType(kind)}`, kind);
    else if (/^http_\d/.test(kind) && !HTTP_ERROR_KINDS.includes(kind)) {
      faults.add(place, `no node fails with this kind; there are ${HTTP_ERROR_KINDS.join(', ')}`, kind);
    }
  }
}

const HTTP_ERROR_KINDS = ['http_2xx', 'http_3xx', 'http_4xx', 'http_429', 'http_5xx'];

/** How deep nodes may stand in nodes. */
export const MAX_NODE_DEPTH = 5;

const HOLDING_FIELDS: ReadonlySet<string | number> = new Set(['do', 'nodes', 'cases', 'branches']);

/** Whether nodes at this place would stand too deep in others. */
export function isTooDeep(at: DefinitionPath): boolean {
  return at.filter((segment) => HOLDING_FIELDS.has(segment)).length > MAX_NODE_DEPTH + 1;
}

function checkInnerNode(params: NodeToCheck): void {
  if (isTooDeep(params.at)) {
    params.faults.add(params.at, `nodes stand in each other at most ${MAX_NODE_DEPTH} deep`);
    return;
  }
  tellMisplaced(params, INNER_RULES, 'belongs to the node itself, not to what it does for each item');
  checkNodeFields(params, 'the inner node', hideMisplaced(INNER_RULES));
}

/** Tells fields that nodes have, but not there. */
function tellMisplaced({ node, at, faults }: NodeToCheck, rules: FieldRules, why: string): void {
  if (!isFields(node)) return;
  for (const name of Object.keys(NODE_RULES)) {
    if (Object.hasOwn(rules, name) || node[name] === undefined) continue;
    faults.add([...at, name], `"${name}" ${why}`, node[name]);
  }
}

/** What was told above is not told again as unknown. */
function hideMisplaced(rules: FieldRules): FieldRules {
  return Object.fromEntries(
    Object.keys(NODE_RULES).map((name) => [name, rules[name] ?? { check: anything, hidden: true }]),
  );
}

function checkNodeFields(given: NodeToCheck, what: string, rules: FieldRules): boolean {
  const { node, at, kinds, faults } = given;
  const kind = isFields(node) ? (kindOf(kinds, node) ?? null) : null;
  const reader = kind?.seesSecrets === true ? { ...given.reader, secrets: given.secrets } : given.reader;
  const params = { ...given, reader };
  const own = kind === null ? {} : mapValues(kind.fields, (spec) => kindRule(spec, params));
  // The fields of a kind that is not known are not known either.
  const unknown = kind === null && isFields(node) ? mapValues(node, () => ({ check: anything })) : {};
  if (!checkFields({ value: node, at, what, rules: { ...unknown, ...rules, ...own }, faults })) return false;
  if (!isFields(node)) return false;
  if (kind === null) tellUnknownKind(node, at, kinds, faults);
  for (const { field, at: inside = [], message } of kind?.check?.(node) ?? []) {
    const place = field === '' ? [] : [field, ...inside];
    faults.add([...at, ...place], message, place.length === 0 ? undefined : valueAt(node, place));
  }
  if (node['with'] !== undefined) {
    checkTemplate({ value: node['with'], at: [...at, 'with'], schema: kind?.withSchema ?? null, reader, faults });
  } else if (kind?.withSchema !== undefined) {
    checkTemplate({ value: {}, at: [...at, 'with'], schema: kind.withSchema, reader, faults });
  }
  return true;
}

function tellUnknownKind(node: Fields, at: DefinitionPath, kinds: NodeKinds, faults: Faults): void {
  const { kind } = node;
  if (kind === undefined) return;
  const known = [...kinds.keys()];
  const hint = typeof kind === 'string' ? didYouMean(kind, known) : '';
  faults.add([...at, 'kind'], `no such node kind; there are ${known.join(', ')}${hint}`, kind);
}

function kindRule(spec: FieldSpec, params: NodeToCheck): { required: boolean; check: FieldCheck } {
  return { required: spec.required === true, check: (value, at) => checkKindField(spec, value, at, params) };
}

function checkKindField(spec: FieldSpec, value: unknown, at: DefinitionPath, params: NodeToCheck): void {
  const { reader, faults } = params;
  switch (spec.role) {
    case 'plain':
      tellMisfits({ value: value as Json, at, schema: resolveSchema(spec, params), isOpen: () => false, faults });
      break;
    case 'template':
      checkTemplate({ value, at, schema: resolveSchema(spec, params), reader, faults });
      break;
    case 'schema':
      checkSchema(value, at, faults);
      break;
    case 'handler':
      if (typeof value !== 'string') faults.add(at, `must be text, not ${showType(value)}`, value);
      else if (value !== INLINE && parseUses(value) === null) {
        faults.add(at, 'must name a function: ./file.ts or ./file.ts#export (.ts, .mts, .js or .mjs)', value);
      }
      break;
    case 'node':
      checkInnerNode({ ...params, node: value, at, reader: { ...reader, inItems: true } });
      break;
    case 'nodes':
      params.bodies.push({
        nodes: value,
        at,
        outcomes: findOutcomes(params),
        inRounds: spec.inRounds === true,
        node: params,
      });
      break;
    case 'outcome':
      // With the nodes that it sees.
      break;
    case 'list':
      checkList({ value, at, items: spec.items ?? {}, node: params });
      break;
  }
}

function findOutcomes({ node, at, kinds }: NodeToCheck): BodyToCheck['outcomes'] {
  if (!isFields(node)) return [];
  return Object.entries(kindOf(kinds, node)?.fields ?? {}).flatMap(([name, { role, isCondition }]) =>
    role === 'outcome' && node[name] !== undefined
      ? [{ value: node[name], at: [...at, name], isCondition: isCondition === true }]
      : [],
  );
}

function checkList(params: {
  readonly value: unknown;
  readonly at: DefinitionPath;
  readonly items: NonNullable<FieldSpec['items']>;
  readonly node: NodeToCheck;
}): void {
  const { value, at, items, node } = params;
  const { faults } = node;
  if (!Array.isArray(value)) {
    faults.add(at, `must be a list, not ${showType(value)}`, value);
    return;
  }
  const reader = { ...node.reader, inList: true };
  for (const [index, item] of (value as readonly unknown[]).entries()) {
    const rules = mapValues(items, (spec) => kindRule(spec, { ...node, node: item, reader }));
    checkFields({ value: item, at: [...at, index], what: 'an item', rules, faults });
  }
}

function resolveSchema(spec: FieldSpec, { node }: NodeToCheck): FieldSpec['schema'] {
  const other = spec.fits === undefined || !isFields(node) ? undefined : node[spec.fits];
  return isFields(other) ? (other as FieldSpec['schema']) : spec.schema;
}

function checkTemplate(params: {
  readonly value: unknown;
  readonly at: DefinitionPath;
  readonly schema: FieldSpec['schema'] | null;
  readonly reader: Reader;
  readonly faults: Faults;
}): void {
  const { value, at, schema, reader, faults } = params;
  const template = parseTemplate(value as Json);
  checkExpressions(template, at, reader, faults);
  if (schema === null) return;
  const places = [...template.uses, ...template.faults].map(({ path }) => pathToPointer(path));
  // What an expression gives, and so what holds it, is not known yet.
  const isOpen = (pointer: string): boolean =>
    places.some((place) => place === pointer || place.startsWith(`${pointer}/`) || pointer.startsWith(`${place}/`));
  tellMisfits({ value: value as Json, at, schema, isOpen, faults });
}

function tellMisfits(params: {
  readonly value: Json;
  readonly at: DefinitionPath;
  readonly schema: FieldSpec['schema'];
  readonly isOpen: (pointer: string) => boolean;
  readonly faults: Faults;
}): void {
  const { value, at, schema, isOpen, faults } = params;
  const compiled = compileSchema(schema);
  if (compiled.status !== 'ok') return;
  for (const { path, message } of compiled.check(value)) {
    if (!isOpen(path)) faults.add([...at, ...pointerToPath(path, value)], message);
  }
}

function mapValues<From, To>(
  record: { readonly [key: string]: From },
  change: (value: From) => To,
): { [key: string]: To } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
