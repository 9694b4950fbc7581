import { isJsonObject, type Json } from '../../../core/json.js';

const EXPRESSION = /\{\{[\s\S]*?\}\}/g;
/** Stand for expressions with and without the arguments of the model in them. */
const [WITH_ARGS, WITHOUT] = ['\u0001', '\u0000'];
/** Scheme, host and port of an address: all before its path. */
const ORIGIN = /^\s*(?:[^/?#\\]*:)?(?:[/\\]{2})?[^/?#\\]*/;

/**
 * Whether the arguments that a model gives decide which host a tool asks: they stand in its address before the path.
 * `http` is as the definition has it.
 */
export function argsChooseHost(http: Json): boolean {
  const url = isJsonObject(http) ? http['url'] : http;
  if (typeof url !== 'string') return false;
  const marked = url.replaceAll(EXPRESSION, (expression) => (/\bargs\b/.test(expression) ? WITH_ARGS : WITHOUT));
  return ORIGIN.exec(marked)?.[0].includes(WITH_ARGS) === true;
}
