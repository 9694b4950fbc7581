import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess } from '../server/server-process.js';

const GREET = `id: greet
name: Greet
description: Greets, after a while.
input: { type: object, required: [name], properties: { name: { type: string } } }
nodes:
  - { id: rest, kind: wait, for: '{{ $exists(input.rest) ? input.rest : "10ms" }}' }
  - { id: ask, kind: ask, needs: [rest], when: '{{ $exists(input.asks) }}', question: Go on?, answer: { type: boolean } }
  - { id: text, kind: transform, needs: [rest], with: 'Hello {{ input.name }}' }
`;

/** The server of the tests of the client, with its data and its one workflow in a folder; again after it was ended. */
export async function startGreeting(
  folder: string,
  env: { readonly [name: string]: string } = {},
): Promise<ServerProcess> {
  const workflows = join(folder, 'workflows');
  mkdirSync(workflows, { recursive: true });
  writeFileSync(join(workflows, 'greet.yaml'), GREET);
  return await ServerProcess.start({ data: join(folder, 'data'), workflows, env });
}
