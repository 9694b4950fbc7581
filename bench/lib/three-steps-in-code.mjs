import { defineWorkflow } from '../../dist/index.js';

const addOne = async ({ input }) => ({ n: input.n + 1 });

/** Three steps, one after another, each adds 1 to `n`. */
export const threeNodes = [
  { id: 'a', kind: 'code', with: { n: '{{ input.n }}' }, run: addOne },
  { id: 'b', kind: 'code', needs: ['a'], with: { n: '{{ nodes.a.output.n }}' }, run: addOne },
  { id: 'c', kind: 'code', needs: ['b'], with: { n: '{{ nodes.b.output.n }}' }, run: addOne },
];

/** The workflow `three` for the library, with what else it is to have. */
export function defineThree(fields = {}) {
  return defineWorkflow({
    id: 'three',
    name: 'Three steps',
    description: 'Adds 1 three times.',
    credits: 1,
    nodes: threeNodes,
    ...fields,
  });
}

export const threeSteps = defineThree({
  input: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
});

/** What a run of it came to. */
export async function runThree(errand, n) {
  const { id } = await errand.runWorkflow('three', { n });
  return (await errand.waitForRun(id)).output?.n;
}
