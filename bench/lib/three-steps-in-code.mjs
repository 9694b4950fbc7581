import { defineWorkflow } from '../../dist/index.js';

const addOne = async ({ input }) => ({ n: input.n + 1 });

/** Three steps, one after another, each adds 1 to `n`. */
export const threeNodes = [
  { id: 'a', kind: 'code', with: { n: '{{ input.n }}' }, run: addOne },
  { id: 'b', kind: 'code', needs: ['a'], with: { n: '{{ nodes.a.output.n }}' }, run: addOne },
  { id: 'c', kind: 'code', needs: ['b'], with: { n: '{{ nodes.b.output.n }}' }, run: addOne },
];

/** The workflow `three` for the library. */
export const threeSteps = defineWorkflow({
  id: 'three',
  name: 'Three steps',
  description: 'Adds 1 three times.',
  credits: 1,
  input: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
  nodes: threeNodes,
});
