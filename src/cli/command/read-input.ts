import { readFile } from 'node:fs/promises';
import { errorMessage } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { parseJson } from '../../core/text/parse-json.js';
import type { CliIo } from '../terminal/io.js';
import { UsageError } from '../terminal/usage-error.js';

/** The value of `--input` or an option like it: JSON as it stands, `@file`, or `-` for standard input. */
export async function readInput(source: string, stdin: CliIo['stdin'], option = '--input'): Promise<Json> {
  if (source === '-') return toJson(await readAll(stdin), 'Standard input');
  if (!source.startsWith('@')) return toJson(source, option);
  const file = source.slice(1);
  try {
    return toJson(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot read the input file ${file}: ${errorMessage(error)}`);
  }
}

/** All that comes in, as text. */
export async function readAll(stream: CliIo['stdin']): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stream) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

function toJson(text: string, where: string): Json {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (json.trim() === '')
    throw new UsageError(`${where} is empty. Give JSON, for example '{"url": "https://example.com"}'.`);
  const parsed = parseJson(json);
  if (parsed.kind === 'json') return parsed.json;
  if (parsed.reason !== 'syntax') throw new UsageError(`${where} cannot be taken. ${parsed.message}`);
  throw new UsageError(
    `${where} is not JSON: ${parsed.detail}. Give JSON ('{"url": "https://example.com"}'), @file, or - for standard input.`,
  );
}
