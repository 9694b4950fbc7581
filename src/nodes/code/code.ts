import { CodeContext } from './code-context.js';
import type { NodeKind } from '../../core/handlers/node-kind.js';

/** Runs a function of the workflow's author; what it returns is the output. */
export const codeKind: NodeKind = {
  kind: 'code',
  description: 'Runs a TypeScript or JavaScript function.',
  fields: {
    uses: {
      description:
        'The function: ./file.ts for its default export, ./file.ts#name for another; relative to the workflow.',
      schema: { type: 'string' },
      required: true,
      role: 'handler',
    },
  },
  async execute(context) {
    const handler = context.handler();
    return await (handler instanceof Promise ? await handler : handler)(new CodeContext(context));
  },
};
