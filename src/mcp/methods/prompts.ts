import { ErrandError } from '../../core/errors.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import { callContext, type Method, type MethodContext } from '../protocol/base/method.js';
import type { PromptSource } from '../contract/sources.js';
import { pageFields, readCursor } from './cursor.js';
import { OWN_LIST } from './list-tools.js';

export const listPrompts: Method = {
  offered: ({ prompts }) => prompts !== undefined,
  needsKey: () => true,
  limited: true,
  answer: async (params, context) => {
    const cursor = readCursor(params);
    const page = await requireSource(context).list({ cursor }, callContext(context, await context.authenticate()));
    return { kind: 'result', json: JSON.stringify(pageFields('prompts', page)), cache: OWN_LIST };
  },
};

export const getPrompt: Method = {
  offered: ({ prompts }) => prompts !== undefined,
  needsKey: () => true,
  limited: true,
  answer: async (params, context) => {
    const { name } = params;
    if (typeof name !== 'string') throw new ErrandError('invalid_input', '"name" must be the name of a prompt.');
    const caller = await context.authenticate();
    const asked = { method: 'prompts/get', params, caller };
    const answers = context.rules.readAnswers(asked, context);
    if ('kind' in answers) return answers;
    const outcome = await requireSource(context).get(
      { name, args: readTexts(params['arguments'], 'arguments'), ...answers },
      callContext(context, caller),
    );
    if (outcome.kind === 'input_required') {
      return context.rules.toInputRequired(outcome, asked, context);
    }
    const { kind: _, ...value } = outcome;
    return { kind: 'result', json: JSON.stringify(value) };
  },
};

/** An object of texts; empty when there is none. Null counts as absent; a number, true and false as the text of it. */
export function readTexts(value: JsonObject[string] | undefined, what: string): { readonly [name: string]: string } {
  if (value === undefined || value === null) return {};
  if (isJsonObject(value)) {
    const given = Object.entries(value).filter(([, text]) => text !== null);
    if (given.every(([, text]) => typeof text !== 'object')) {
      return Object.fromEntries(
        given.map(([name, text]) => [name, typeof text === 'string' ? text : JSON.stringify(text)]),
      );
    }
  }
  throw new ErrandError('invalid_input', `"${what}" must be an object of strings.`);
}

function requireSource({ server }: MethodContext): PromptSource {
  const { prompts } = server.contract;
  if (prompts === undefined) throw new Error(`the contract ${server.contract.name} has no prompts`);
  return prompts;
}
