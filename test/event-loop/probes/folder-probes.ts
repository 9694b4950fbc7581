import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { MeasuredServer } from '../measured-server.js';
import type { ProbeGroup } from './probe-groups.js';

/** A file with a long workflow, which the server has read when it knows its name. */
export function folderGroup(workflows: string): ProbeGroup {
  let count = 0;
  const send = async (server: MeasuredServer): Promise<void> => {
    const name = `Chain ${(count += 1)}`;
    writeFileSync(join(workflows, 'chain.yaml'), chainOf(3_000, name));
    const isThere = async (): Promise<boolean> => (await server.json('GET', '/workflows/chain'))['name'] === name;
    while (!(await isThere())) await setTimeout(50);
  };
  return { name: 'the folder', probes: [{ name: 'a chain of nodes', send }] };
}

function chainOf(length: number, name: string): string {
  const nodes = Array.from({ length }, (_, index) => {
    const before = index === 0 ? 'x' : `'{{ nodes.n${index - 1}.output.text }}'`;
    const needs = index === 0 ? '' : `\n    needs: [n${index - 1}]`;
    return `  - id: n${index}\n    kind: transform\n    with: { text: '{{ input.x & "${index}" }}', before: ${before} }${needs}\n`;
  });
  return `id: chain\nname: ${name}\ndescription: One node after the other.\nnodes:\n${nodes.join('')}`;
}
