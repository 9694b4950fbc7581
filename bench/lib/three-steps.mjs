import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WORKFLOW = `
id: three
name: Three steps
description: Adds 1 three times.
credits: 1
input: { type: object, required: [n], properties: { n: { type: integer } } }
nodes:
  - { id: a, kind: code, uses: ./add-one.js, with: { n: '{{ input.n }}' } }
  - { id: b, kind: code, uses: ./add-one.js, needs: [a], with: { n: '{{ nodes.a.output.n }}' } }
  - { id: c, kind: code, uses: ./add-one.js, needs: [b], with: { n: '{{ nodes.b.output.n }}' } }
`;

/** Writes the workflow `three` into a folder of workflows: three steps, one after another, each adds 1 to `n`. */
export function writeThreeSteps(workflows) {
  const folder = join(workflows, 'three');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'workflow.yaml'), WORKFLOW);
  writeFileSync(join(folder, 'add-one.js'), 'export default async ({ input }) => ({ n: input.n + 1 });\n');
}
