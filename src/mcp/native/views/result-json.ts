import type { JsonObject } from '../../../core/json.js';

/** A tool's result as the native contract has it: a text for people, the value as structure. */
export function resultJson(
  value: JsonObject,
  { text, isError }: { readonly text: string; readonly isError: boolean },
): string {
  const error = isError ? ',"isError":true' : '';
  return `{"content":[{"type":"text","text":${JSON.stringify(text)}}],"structuredContent":${JSON.stringify(value)}${error}}`;
}

/** Without a text of its own, the value is the text too. */
export function successJson(value: JsonObject, text = JSON.stringify(value)): string {
  return resultJson(value, { text, isError: false });
}
