import { isJsonObject } from '../../core/json.js';
import { MAX_SEARCHABLE, SEARCHABLE_PATH } from '../../core/search/run-terms.js';
import { didYouMean } from '../schema/did-you-mean.js';
import { type DefinitionPath, showType } from '../schema/value-text.js';

interface SearchableFault {
  readonly at: DefinitionPath;
  readonly message: string;
  readonly value: unknown;
}

/**
 * What is wrong with the fields that runs are found by: each is one value, and one that the schema knows where it says
 * which there are.
 */
export function findSearchableFaults(workflow: { readonly [field: string]: unknown }): readonly SearchableFault[] {
  const { searchable } = workflow;
  if (searchable === undefined) return [];
  if (!Array.isArray(searchable) || searchable.length > MAX_SEARCHABLE) {
    const given = Array.isArray(searchable) ? `${searchable.length}` : showType(searchable);
    const message = `must be a list of at most ${MAX_SEARCHABLE} fields, not ${given}`;
    return [{ at: ['searchable'], message, value: undefined }];
  }
  return (searchable as readonly unknown[]).flatMap((path, index) => {
    const isRepeat = searchable.indexOf(path) !== index;
    const message = isRepeat ? 'is there twice' : explainPath(workflow, path);
    return message === null ? [] : [{ at: ['searchable', index], message, value: path }];
  });
}

function explainPath(workflow: { readonly [field: string]: unknown }, path: unknown): string | null {
  if (typeof path !== 'string' || !SEARCHABLE_PATH.test(path)) {
    return 'must be a field of the input or the output, such as input.customer.id';
  }
  const [root = '', ...names] = path.split('.');
  let schema = workflow[root];
  for (const name of names) {
    const properties = isJsonObject(schema) ? schema['properties'] : undefined;
    if (!isJsonObject(schema) || !isJsonObject(properties)) return null;
    if (!Object.hasOwn(properties, name)) {
      const isClosed = schema['additionalProperties'] === false;
      return isClosed ? `the ${root} has no "${name}"${didYouMean(name, Object.keys(properties))}` : null;
    }
    schema = properties[name];
  }
  const type = isJsonObject(schema) ? schema['type'] : undefined;
  const isMany = type === 'object' || type === 'array';
  return isMany ? `must be one value (text, a number, true or false), not an ${type}` : null;
}
