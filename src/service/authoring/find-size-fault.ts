import { estimateJsonLength, isDeeperThan, isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { AUTHORING_LIMITS } from '../../core/workflow/authoring-limits.js';
import { type DefinitionFault, Faults } from '../../workflow/check/fields/faults.js';
import { kindOf } from '../../workflow/check/fields/kind-of.js';
import type { NodeKinds } from '../../workflow/check/check-node.js';
import type { DefinitionPath } from '../../workflow/schema/value-text.js';
import { scanTemplate } from '../../workflow/template/scan-template.js';

/** Whether a definition is larger than may be. Of one that is not, no check and no plan takes a turn long. */
export function findSizeFault(definition: unknown, kinds: NodeKinds): DefinitionFault | null {
  const faults = new Faults();
  const { depth, nodes: maxNodes, definition: maxLength } = AUTHORING_LIMITS;
  if (!isJsonObject(definition)) faults.add([], 'a workflow must be an object with id, name, description and nodes');
  else if (isDeeperThan(definition, depth))
    faults.add([], `lists and objects may stand in each other ${depth} levels deep`);
  else if (isLongerThan(definition, maxLength)) faults.add([], `a definition may have ${maxLength} characters of JSON`);
  else {
    const { nodes, ...fields } = definition;
    if (Array.isArray(nodes) && nodes.length > maxNodes)
      faults.add(['nodes'], `a workflow may have ${maxNodes} nodes, not ${nodes.length}`);
    for (const [field, value] of Object.entries(fields)) addPartFaults(value, [field], faults);
    for (const [index, node] of (Array.isArray(nodes) ? (nodes as readonly Json[]) : []).entries())
      for (const part of findParts(node, ['nodes', index], kinds)) addPartFaults(part.value, part.at, faults);
  }
  return faults.list[0] ?? null;
}

/** What is much longer is not written for this. */
function isLongerThan(definition: JsonObject, maxLength: number): boolean {
  return estimateJsonLength(definition, maxLength) > maxLength || JSON.stringify(definition).length > maxLength;
}

interface PartAt {
  readonly value: Json;
  readonly at: DefinitionPath;
}

/** A node without the nodes that it holds, and each of these the same way: they are checked in turns of their own. */
function findParts(node: Json, at: DefinitionPath, kinds: NodeKinds): PartAt[] {
  if (!isJsonObject(node)) return [{ value: node, at }];
  const own: [field: string, value: Json][] = [];
  const held: PartAt[] = [];
  for (const [field, value] of Object.entries(node)) {
    const role = kindOf(kinds, node)?.fields[field]?.role;
    if (role === 'nodes' && Array.isArray(value)) {
      for (const [index, each] of (value as readonly Json[]).entries())
        held.push(...findParts(each, [...at, field, index], kinds));
    } else if (role === 'node') {
      const [inner, ...others] = findParts(value, [...at, field], kinds);
      own.push([field, inner?.value ?? null]);
      held.push(...others);
    } else own.push([field, value]);
  }
  return [{ value: Object.fromEntries(own), at }, ...held];
}

/** What is checked in one turn. */
interface Part {
  objects: number;
  readonly expressions: string[];
  readonly patterns: string[];
}

function addPartFaults(value: Json, at: DefinitionPath, faults: Faults): void {
  const part: Part = { objects: 0, expressions: [], patterns: [] };
  measure(value, '', part);
  const { objects, expressions, patterns, expression: maxLength, dots: maxDots } = AUTHORING_LIMITS;
  if (part.objects > objects) faults.add(at, `may hold ${objects} objects, not ${part.objects}`);
  if (part.expressions.length > expressions)
    faults.add(at, `may hold ${expressions} expressions, not ${part.expressions.length}`);
  if (part.patterns.length > patterns) faults.add(at, `may hold ${patterns} patterns, not ${part.patterns.length}`);
  if (part.patterns.some((pattern) => pattern.length > maxLength))
    faults.add(at, `a pattern may have ${maxLength} characters`);
  for (const source of part.expressions) {
    if (source.length > maxLength)
      faults.add(at, `an expression may have ${maxLength} characters, not ${source.length}`);
    else if (countDots(source) > maxDots) faults.add(at, `an expression may have ${maxDots} dots`);
  }
}

/** Of fields, which are expressions without braces. */
const CONDITIONS: ReadonlySet<string> = new Set(['when', 'until']);

function measure(value: Json, name: string, part: Part): void {
  if (typeof value === 'string') part.expressions.push(...expressionsIn(value, name));
  else if (Array.isArray(value)) for (const item of value as readonly Json[]) measure(item, '', part);
  else if (isJsonObject(value)) {
    part.objects += 1;
    const { pattern, patternProperties } = value;
    if (typeof pattern === 'string') part.patterns.push(pattern);
    if (isJsonObject(patternProperties)) part.patterns.push(...Object.keys(patternProperties));
    for (const field of Object.keys(value)) measure(value[field] ?? null, field, part);
  }
}

function expressionsIn(text: string, name: string): readonly string[] {
  if (!text.includes('{{')) return CONDITIONS.has(name) ? [text] : NONE;
  const scanned = scanTemplate(text);
  if (scanned.status === 'unclosed') return NONE;
  return scanned.parts.flatMap((each) => (each.kind === 'expression' ? [each.source] : []));
}

const NONE: readonly never[] = [];

function countDots(source: string): number {
  return source.split('.').length - 1;
}
