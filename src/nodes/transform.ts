import type { NodeKind } from '../core/handlers/node-kind.js';

/** Puts values together: everything is in the templates. */
export const transformKind: NodeKind = {
  kind: 'transform',
  description: 'Makes a value with templates: its output is its evaluated `with`.',
  fields: {},
  givesJson: true,
  execute: (context) => Promise.resolve(context.input),
};
