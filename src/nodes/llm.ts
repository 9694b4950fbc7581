import type { GenerateRequest, NodeContext, NodeKind } from '../core/handlers/node-kind.js';
import { MODEL_FIELDS, listModels, readModelFields, standInAnswer } from './shared/model-fields.js';
import { tellFindings } from './shared/tell-findings.js';

/** So many characters are taken to be most of an answer: the estimate nears 95 % and never says that it is done. */
const USUAL_LENGTH = 1_500;

/** Asks a model once; the output is its answer: JSON that fits `output`, or text. */
export const llmKind: NodeKind = {
  kind: 'llm',
  description: 'Asks a model.',
  fields: {
    prompt: {
      description: 'What the model is asked.',
      schema: { type: 'string', minLength: 1 },
      required: true,
      role: 'template',
    },
    ...MODEL_FIELDS,
  },
  seesSecrets: true,
  models: listModels,
  standIn: standInAnswer,
  async execute(context) {
    const { output } = await context.generate(toRequest(context));
    const findings = context.node.role === null ? null : tellFindings(output);
    if (findings !== null) context.findings(findings);
    return output;
  },
};

function toRequest(context: NodeContext): GenerateRequest {
  const { models, system, files, output, repairs, settings } = readModelFields(context);
  return {
    key: 'answer',
    model: models,
    prompt: context.fields['prompt'] as string,
    files,
    settings,
    ...(system === null ? {} : { system }),
    ...(output === null ? {} : { output }),
    ...(repairs === null ? {} : { repairs }),
    onText: ({ length }) =>
      context.progress(Math.floor(95 * (1 - Math.exp(-length / USUAL_LENGTH))), tellLength(length)),
  };
}

function tellLength(length: number): string {
  return `${length.toLocaleString('en-US')} characters so far`;
}
