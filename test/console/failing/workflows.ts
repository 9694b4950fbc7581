import { copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelServerAnswer } from '../../support/model-servers/answers.js';

/** How the server of models answers, by the name of the model that is asked. */
export const MODEL_ANSWERS: { readonly [model: string]: ModelServerAnswer } = {
  calls: { toolCalls: [{ name: 'child_fails', input: {} }], usage: { input: 10, output: 5 } },
  declines: { refusal: 'I would rather not.' },
  gone: { kind: 'error', status: 404, code: 'model_not_found', message: 'No such model.' },
  key: { kind: 'error', status: 401, message: 'Incorrect key.' },
  limit: { kind: 'error', status: 429, message: 'Too many requests.' },
  long: { kind: 'error', status: 400, code: 'context_length_exceeded', message: 'Too long.' },
  nonsense: { kind: 'malformed', what: 'json' },
  overloaded: { kind: 'error', status: 503, message: 'Overloaded.' },
  strange: { kind: 'error', status: 400, message: 'Unknown parameter.' },
  talks: 'It is fine, I think.',
};

/** What each of the workflows is made of; `./handlers.mjs` is the file beside this one. */
const NODES: { readonly [workflow: string]: string } = {
  child_fails: `
nodes:
  - { id: sub, kind: workflow, workflow: throws, with: { n: 7 } }`,
  child_unknown: `
nodes:
  - { id: sub, kind: workflow, workflow: '{{ input.which }}' }`,
  crashes: `
nodes:
  - { id: convert, kind: code, uses: './handlers.mjs#ends' }`,
  differs: `
nodes:
  - {
      id: charge,
      kind: code,
      role: cashier,
      label: Cashier,
      uses: './handlers.mjs#differs',
      retry: { attempts: 2, initial: 10ms },
    }`,
  expression: `
nodes:
  - { id: compute, kind: transform, with: { sum: '{{ $number(input.word) }}' } }`,
  gives_nan: `
nodes:
  - { id: measure, kind: code, uses: './handlers.mjs#givesNothing' }`,
  gives_too_much: `
nodes:
  - { id: export, kind: code, uses: './handlers.mjs#givesTooMuch' }`,
  http_404: `
nodes:
  - { id: find_customer, kind: http, with: { url: '{{ input.url }}/404' } }`,
  http_503: `
nodes:
  - { id: ask_crm, kind: http, with: { url: '{{ input.url }}/503' } }`,
  http_no_url: `
nodes:
  - { id: call, kind: http, with: { url: '{{ input.nothing }}' } }`,
  http_refused: `
nodes:
  - { id: fetch_page, kind: http, with: { url: 'http://127.0.0.1:9/page' } }`,
  http_slow: `
nodes:
  - { id: slow_service, kind: http, with: { url: '{{ input.url }}/slow' }, timeout: 300ms }`,
  agent_bad_result: `
nodes:
  - id: rate
    kind: agent
    model: house/talks
    goal: Rate it.
    output: { type: object, required: [score], properties: { score: { type: number } } }`,
  agent_never_done: `
nodes:
  - id: search
    kind: agent
    model: house/calls
    goal: Find it.
    max_steps: 2
    tools: [{ workflow: child_fails }]`,
  agent_over_budget: `
nodes:
  - id: research
    kind: agent
    model: house/calls
    goal: Find it.
    budget: { tokens: 5 }
    tools: [{ workflow: child_fails }]`,
  maps: `
nodes:
  - { id: pack, kind: map, over: '{{ [1..6] }}', do: { kind: code, uses: './handlers.mjs#fails', with: '{{ item }}' } }`,
  mcp_said_no: `
nodes:
  - { id: find, kind: mcp, server: crm, tool: fails, with: {} }`,
  mcp_broke: `
nodes:
  - { id: find, kind: mcp, server: crm, tool: refuses, with: {} }`,
  mcp_gone: `
nodes:
  - { id: find, kind: mcp, server: gone, tool: find, with: {} }`,
  ...Object.fromEntries(
    ['declines', 'gone', 'key', 'limit', 'long', 'nonsense', 'overloaded', 'strange'].map((how) => [
      `model_${how}`,
      `
nodes:
  - { id: write, kind: llm, model: house/${how}, prompt: Write it. }`,
    ]),
  ),
  nobody_answers: `
nodes:
  - { id: approve, kind: ask, question: Ship it?, answer: { type: boolean }, deadline: 200ms }`,
  race_lost: `
nodes:
  - id: fastest
    kind: race
    branches:
      - { id: first, kind: code, uses: './handlers.mjs#throws' }
      - { id: second, kind: http, with: { url: 'http://127.0.0.1:9/' } }`,
  rounds_over: `
nodes:
  - { id: polish, kind: repeat, at_most: 2, until: '{{ false }}', nodes: [{ id: draft, kind: transform, with: 1 }] }`,
  group_fails: `
nodes:
  - id: review
    kind: group
    nodes:
      - { id: read, kind: transform, with: { page: 1 } }
      - { id: judge, kind: script, time: 20s, needs: [read], with: '{{ nodes.read.output }}', source: 'return input.page.title.length;' }`,
  run_too_long: `
timeout: 300ms
nodes:
  - { id: pause, kind: wait, for: 1h }`,
  script_slow: `
nodes:
  - { id: endless, kind: script, time: 200ms, source: 'for (;;) {}' }`,
  script_throws: `
nodes:
  - { id: add_up, kind: script, time: 20s, with: { items: null }, source: 'return input.items.length;' }`,
  throws: `
nodes:
  - { id: make_invoice, kind: code, uses: './handlers.mjs#throws', with: { order: '{{ input.n }}' } }`,
  throws_long: `
nodes:
  - { id: upload, kind: code, uses: './handlers.mjs#throwsLong' }`,
  throws_nothing: `
nodes:
  - { id: silent, kind: code, uses: './handlers.mjs#throwsNothing' }`,
  two_fail: `
nodes:
  - { id: left, kind: code, role: left, label: Left agent, uses: './handlers.mjs#throws' }
  - { id: right, kind: http, with: { url: 'http://127.0.0.1:9/' }, on_error: continue }
  - { id: end, kind: transform, needs: [left, right], join: any, with: done }`,
  wrong_output: `
output: { type: object, required: [score], properties: { score: { type: number } } }
nodes:
  - { id: score, kind: transform, with: { points: many } }`,
};

/** What the workflows ask, by URL. */
export interface AskedServers {
  readonly models: string;
  readonly tools: string;
}

/** Writes the workflows into a folder. Each fails in a way of its own. */
export function writeFailingWorkflows(folder: string, { models, tools }: AskedServers): void {
  writeFileSync(
    join(folder, 'models.yaml'),
    `providers:\n  house: { api: openai-compatible, base_url: '${models}' }\n`,
  );
  writeFileSync(
    join(folder, 'mcp-servers.yaml'),
    `crm: { url: '${tools}' }\ngone: { url: 'http://127.0.0.1:9/mcp' }\n`,
  );
  const handlers = join(dirname(fileURLToPath(import.meta.url)), 'handlers.mjs');
  copyFileSync(handlers, join(folder, 'handlers.mjs'));
  for (const [id, rest] of Object.entries(NODES)) {
    writeFileSync(join(folder, `${id}.yaml`), `id: ${id}\nname: ${id}\ndescription: Fails.${rest}\n`);
  }
}
