import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';
import { errorMessage } from '../core/errors.js';
import type { SourcePosition } from '../core/ports/isolation.js';
import { isLossyNumber } from '../core/text/parse-json.js';
import type { DefinitionPath } from './schema/value-text.js';

export interface SourceFault extends SourcePosition {
  readonly message: string;
}

export interface ParsedSource {
  /** Plain JSON; undefined when the text could not be read. */
  readonly value: unknown;
  readonly faults: readonly SourceFault[];
  /** Where a place of the value stands in the text; for a place that is not there, where it would have to be. */
  locate(path: DefinitionPath): SourcePosition;
}

/** Reads YAML 1.2 (merge keys allowed) or JSON. Every syntax error is told, and keys that are there twice. */
export function parseSource(params: { readonly text: string; readonly format: 'yaml' | 'json' }): ParsedSource {
  const { text, format } = params;
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    logLevel: 'error',
    // Looked for below: the library compares each key with all others.
    uniqueKeys: false,
  });
  const positionOf = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const locate = (path: DefinitionPath): SourcePosition => positionOf(findOffset(document, path));
  const faults = findFaults(document).map(({ message, offset }) => ({ message, ...positionOf(offset) }));
  if (faults.length === 0 && format === 'json') faults.push(...findJsonFaults(text, positionOf));
  if (faults.length > 0) return { value: undefined, faults, locate };
  try {
    return { value: document.toJS(), faults, locate };
  } catch (thrown) {
    return { value: undefined, faults: [{ message: errorMessage(thrown), line: 1, column: 1 }], locate };
  }
}

/** May be there several times. */
const MERGE_KEY = '<<';

interface OffsetFault {
  readonly message: string;
  readonly offset: number;
}

function findFaults(document: Document): OffsetFault[] {
  const faults: OffsetFault[] = document.errors.map((error) => ({
    message: error.message,
    offset: error.pos[0],
  }));
  faults.push(...findAliasFaults(document));
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const value = isScalar(key) ? key.value : key;
        if (value === MERGE_KEY || typeof value === 'symbol') continue;
        if (seen.has(value)) faults.push({ message: 'this key is there twice', offset: startOffset(key) });
        seen.add(value);
      }
    },
    Pair: (_, pair) => {
      if (isCollection(pair.key)) {
        const message = 'a key must be text; an expression must stand in quotes: "{{ … }}"';
        faults.push({ message, offset: startOffset(pair.key) });
      }
    },
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'number' && !Number.isFinite(scalar.value)) {
        faults.push({ message: 'must be a number that JSON can carry', offset: startOffset(scalar) });
      } else if (typeof scalar.value === 'number' && isLossyNumber(scalar.source ?? '')) {
        const message = `the number ${scalar.source} cannot be kept exactly: write it as a text, in quotes`;
        faults.push({ message, offset: startOffset(scalar) });
      }
    },
  });
  return faults;
}

/** More repetitions than this in one text are nobody's work; each of them takes time. */
const MAX_ALIASES = 1_000;

function findAliasFaults(document: Document): OffsetFault[] {
  const faults: OffsetFault[] = [];
  const named = new Map<string, Node>();
  let count = 0;
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && node.anchor !== undefined) named.set(node.anchor, node);
    },
    Alias: (_, alias, around) => {
      const offset = startOffset(alias);
      const target = named.get(alias.source);
      count += 1;
      if (count > MAX_ALIASES) {
        faults.push({ message: `there are more than ${MAX_ALIASES} repetitions (*name)`, offset });
        return visit.BREAK;
      }
      if (target === undefined) faults.push({ message: `nothing above is named &${alias.source}`, offset });
      else if (around.some((outer) => outer === target))
        faults.push({ message: `*${alias.source} stands within what it repeats`, offset });
      return undefined;
    },
  });
  return faults;
}

/** YAML allows more than JSON does. */
function findJsonFaults(text: string, positionOf: (offset: number) => SourcePosition): SourceFault[] {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
    return [];
  } catch (thrown) {
    const message = errorMessage(thrown);
    const offset = /at position (\d+)/.exec(message)?.[1];
    return [{ message: `not JSON: ${message}`, ...positionOf(offset === undefined ? text.length : Number(offset)) }];
  }
}

/** As deep as the path can be followed. */
function findOffset(document: Document, path: DefinitionPath): number {
  let offset = startOffset(document.contents);
  let current: unknown = document.contents;
  for (const segment of path) {
    const collection = isAlias(current) ? current.resolve(document) : current;
    if (!isCollection(collection)) break;
    const item = collection.items.find((candidate, index) =>
      isPair(candidate) && isMap(collection)
        ? String(isScalar(candidate.key) ? candidate.key.value : candidate.key) === String(segment)
        : index === segment,
    );
    if (item === undefined) break;
    current = isPair(item) ? item.value : item;
    // A key says better where something is than the first line of what it holds.
    offset = startOffset(isPair(item) && !isScalar(current) ? item.key : current);
  }
  return offset;
}

function startOffset(node: unknown): number {
  return isNode(node) ? ((node as Node).range?.[0] ?? 0) : 0;
}
