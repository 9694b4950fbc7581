import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/app/server.js';
import type { RunningServer } from '../../src/app/running-server.js';
import { runCommand } from '../support/server/run-command.js';

const KEY = 'sk_live_0123456789abcdefghijklmnopqrstuv';
const folder = mkdtempSync(join(tmpdir(), 'errand-code-'));
const written = (files: { readonly [file: string]: string }): void => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
};
/** On the author's machine, and where the server finds its packages. */
const packageAt = (place: string, says: string) => ({
  [`${place}/node_modules/shout/package.json`]: '{ "name": "shout", "type": "module", "main": "./i.js" }',
  [`${place}/node_modules/shout/i.js`]: `export default (text) => text + '${says}';`,
});
const GREET = `
id: greet
name: Greet
description: Greets.
nodes:
  - { id: a, kind: code, uses: ./greet.ts, with: { name: '{{ input.name }}' } }
`;
const HANDLER = `
import { defineHandler } from 'errand';
import shout from 'shout';
import { isMainThread, workerData } from 'node:worker_threads';
import { word } from './word.js';
export default defineHandler<{ name: string }>(({ input }) => ({
  text: shout(word + ' ' + input.name),
  here: process.pid,
}));
`;

let server: RunningServer;
const start = (publishedCode: 'off' | 'operators') =>
  startServer({
    host: '127.0.0.1',
    port: 0,
    dataDir: join(folder, 'data'),
    workflowsDir: join(folder, 'server'),
    logLevel: 'silent',
    bootstrapKey: KEY,
    publishedCode,
    // What is published runs in a process of its own, whatever the server does with its files.
    isolation: 'inline',
  });
const errand = (...argv: string[]) => runCommand(argv, { env: { ERRAND_URL: server.url, ERRAND_API_KEY: KEY } });
const runGreet = async (): Promise<{ status: string; output: { text: string; here: number } }> => {
  const ran = await errand('run', 'greet', '--input', '{"name":"Ada"}', '--wait', '20', '--json');
  return JSON.parse(ran.out) as { status: string; output: { text: string; here: number } };
};
const showGreet = async (): Promise<{ ready: boolean; not_ready_because: string | null }> => {
  const shown = await errand('workflows', 'show', 'greet', '--json');
  return JSON.parse(shown.out) as { ready: boolean; not_ready_because: string | null };
};

beforeAll(async () => {
  written({
    'author/greet.yaml': GREET,
    'author/greet.ts': HANDLER,
    'author/word.ts': "export const word: string = 'Hello';",
    ...packageAt('author', '!'),
  });
  mkdirSync(join(folder, 'server'));
  server = await start('off');
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('errand workflows publish', () => {
  it('says what would be sent, and which packages the server needs', async () => {
    const dry = await errand('workflows', 'publish', join(folder, 'author'), '--dry-run', '--json');
    expect(dry.code).toBe(0);
    expect(JSON.parse(dry.out)).toMatchObject({ workflows: ['greet'], packages: ['shout'] });
  });

  it('is refused with code until whoever runs the server allows it', async () => {
    const refused = await errand('workflows', 'publish', join(folder, 'author'));
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('ERRAND_PUBLISHED_CODE');
    await server.close();
    server = await start('operators');
    const published = await errand('workflows', 'publish', join(folder, 'author'));
    expect(published.out).toContain('Published version 1 of greet');
    expect(published.out).toContain('import shout: the server needs');
  });

  it('sends code that is ready where its packages are, and tells which are missing where they are not', async () => {
    expect(await showGreet()).toMatchObject({ ready: false });
    expect((await showGreet()).not_ready_because).toMatch(/install shout in .*server/);
    written(packageAt('server', '?'));
    await expect.poll(async () => (await showGreet()).ready, { timeout: 20_000 }).toBe(true);
    const run = await runGreet();
    expect(run).toMatchObject({ status: 'completed', output: { text: 'Hello Ada?' } });
    expect(run.output.here).not.toBe(process.pid);
  });

  it('says nothing of the machine that it was sent from', async () => {
    const dry = await errand('workflows', 'versions', 'greet', '--json');
    expect(JSON.parse(dry.out)).toMatchObject({ versions: [{ version: 1 }], published: 1 });
    const answer = await fetch(`${server.url}/api/v1/workflows/greet/versions/1`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    const text = await answer.text();
    expect(text).toContain('"bundles":["');
    expect(text).not.toContain(folder);
  });

  it('switches to new code at once, and back', async () => {
    written({ 'author/word.ts': "export const word: string = 'Bye';" });
    const published = await errand('workflows', 'publish', join(folder, 'author'));
    expect(published.out).toContain('Published version 2 of greet; it was at 1');
    expect((await runGreet()).output.text).toBe('Bye Ada?');
    const back = await errand('workflows', 'rollback', 'greet');
    expect(back.out).toContain('Published version 1 of greet; it was at 2');
    expect((await runGreet()).output.text).toBe('Hello Ada?');
  });

  it('leaves what has code unready once it is not allowed any more', async () => {
    await server.close();
    server = await start('off');
    expect(await showGreet()).toMatchObject({ ready: false });
    const ran = await errand('run', 'greet', '--input', '{"name":"Ada"}');
    expect(ran.err).toContain('ERRAND_PUBLISHED_CODE');
  });

  it('publishes what docs/authoring.md shows, which then does what the page says', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/authoring.md'), 'utf8');
    written({ 'docs/greet.yaml': /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '' });
    const [, input = '', output = ''] = /--input '(.+?)' --wait 10` then ends with the output `(.+?)`/.exec(page) ?? [];
    expect((await errand('workflows', 'publish', join(folder, 'docs'))).out).toContain('of greet');
    const ran = await errand('run', 'greet', '--input', input, '--wait', '20', '--json');
    expect((JSON.parse(ran.out) as { output: unknown }).output).toEqual(JSON.parse(output));
    await errand('workflows', 'rollback', 'greet');
  });

  it('checks a draft, keeps it, has it mended by one at a time, and publishes it', async () => {
    const text = 'id: drafted\nname: Drafted\ndescription: Says it.\nnodes:\n';
    const node = '  - { id: a, kind: transform, with: { word: hello } }\n';
    written({ 'bad.yaml': text, 'good.yaml': text + node });
    const [bad, good] = [join(folder, 'bad.yaml'), join(folder, 'good.yaml')];
    const checked = await errand('drafts', 'check', bad);
    expect([checked.code, checked.out]).toEqual([1, expect.stringMatching(/bad\.yaml:4:\d+ nodes: /)]);
    expect(await errand('drafts', 'check', good)).toMatchObject({ code: 0, out: 'drafted is in order.\n' });
    const made = JSON.parse((await errand('drafts', 'create', bad, '--json')).out) as { id: string };
    expect((await errand('drafts')).out).toMatch(new RegExp(`${made.id}\\s+drafted\\s+1\\s+1`));
    expect((await errand('drafts', 'publish', made.id, '--revision', '1')).err).toContain('has a fault');
    expect((await errand('drafts', 'update', made.id, good, '--revision', '1')).out).toContain('at revision 2');
    const late = await errand('drafts', 'update', made.id, bad, '--revision', '1');
    expect([late.code, late.err]).toEqual([1, expect.stringContaining('Read it again')]);
    expect((await errand('drafts', 'show', made.id)).out).toBe(text + node);
    const first = await errand('workflows', 'diff', made.id, '--draft');
    expect(first.out).toContain('+ node a (transform)');
    expect((await errand('drafts', 'publish', made.id, '--revision', '2')).out).toContain('Published version 1');
    written({ 'next.yaml': `${text}${node.replace('hello', 'bye')}input: { type: object, required: [to] }\n` });
    const next = await errand('drafts', 'create', join(folder, 'next.yaml'), '--base', '1', '--json');
    const { id } = JSON.parse(next.out) as { id: string };
    await errand('drafts', 'publish', id, '--revision', '1');
    const second = await errand('workflows', 'diff', 'drafted', '--from', '1', '--to', '2');
    expect(second.out.split('\n')).toEqual([
      '~ node a (transform)',
      '- a.with: {"word":"hello"}',
      '+ a.with: {"word":"bye"}',
      '- input.to is required now (breaking)',
      '',
    ]);
    expect((await errand('workflows', 'diff', 'drafted', '--from', '1', '--to', '1')).out).toBe('They are the same.\n');
    expect((await errand('drafts')).err).toContain('There are no drafts.');
    const again = JSON.parse((await errand('drafts', 'create', good, '--json')).out) as { id: string };
    expect((await errand('drafts', 'delete', again.id)).out).toContain('Deleted the draft');
    await errand('workflows', 'unpublish', 'drafted');
  });

  it('tells every fault of the folder and sends nothing', async () => {
    written({ 'bad/bad.yaml': 'id: bad\nname: Bad\ndescription: Bad.\nnodes:\n  - { id: a, kind: dance }\n' });
    const refused = await errand('workflows', 'publish', join(folder, 'bad'));
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/bad\.yaml:5:\d+ nodes\[0\]\.kind/);
    const taken = await errand('workflows', 'unpublish', 'greet');
    expect(taken.out).toContain('Took greet away; it was at version 2.');
  });
});
