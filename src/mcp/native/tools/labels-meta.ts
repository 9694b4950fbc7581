import { ErrandError } from '../../../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js';
import type { RunLabels } from '../../../core/search/labels.js';

/** Where a program puts what a run is found by, in `_meta` of a call of a workflow's tool. */
const TAGS_META = 'dev.errand/tags';
const METADATA_META = 'dev.errand/metadata';

/** None where there are none. Throws `invalid_input` for what is no list of texts, and no object of texts. */
export function readLabelsMeta(meta: JsonObject): RunLabels {
  const tags = meta[TAGS_META] ?? null;
  const metadata = meta[METADATA_META] ?? null;
  if (tags !== null && !isTexts(tags)) {
    throw new ErrandError('invalid_input', `_meta["${TAGS_META}"] must be a list of texts.`);
  }
  if (metadata !== null && !isObjectOfTexts(metadata)) {
    throw new ErrandError('invalid_input', `_meta["${METADATA_META}"] must be an object of texts.`);
  }
  return { ...(tags === null ? {} : { tags }), ...(metadata === null ? {} : { metadata }) };
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isObjectOfTexts(value: Json): value is { readonly [name: string]: string } {
  return isJsonObject(value) && isTexts(Object.values(value));
}
