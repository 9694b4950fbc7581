import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../../test/support/server/run-command.js';
import { faultLine } from './workflows-check.js';

describe('faultLine', () => {
  const fault = { file: 'sub/a.yaml', line: 12, column: 5, path: 'nodes[2].needs[0]', message: 'no such node' };

  it('gives the place first, as seen from here, then what is wrong and the value', () => {
    expect(faultLine({ fault: { ...fault, value: 'crwl' }, dir: '/w/flows', cwd: '/w' })).toBe(
      'flows/sub/a.yaml:12:5 nodes[2].needs[0]: no such node ("crwl")',
    );
  });

  it('leaves out what is not known, and gives files elsewhere by their whole path', () => {
    const bare = { ...fault, line: null, column: null, path: '' };
    expect(faultLine({ fault: bare, dir: '/w/flows', cwd: '/elsewhere' })).toBe('/w/flows/sub/a.yaml: no such node');
  });
});

describe('errand workflows check', () => {
  let dir: string;
  const good = `id: greet
name: Greet
description: Says hello.
nodes:
  - id: hello
    kind: transform
    with: { text: hello }
`;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'workflows-check-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('finds nothing wrong with a good folder, asks no server and writes nothing into the folder', async () => {
    await writeFile(join(dir, 'greet.yaml'), good);
    const text = await runCommand(['workflows', 'check', dir]);
    expect(text).toEqual({ code: 0, out: '1 workflow is in order: greet\n', err: '' });
    expect(JSON.parse((await runCommand(['workflows', 'check', dir, '--json'])).out)).toEqual({
      workflows: ['greet'],
      faults: [],
    });
    expect(await readdir(dir)).toEqual(['greet.yaml']);
  });

  it('warns of what hosts are shown in another way, and ends with 0', async () => {
    const odd = await mkdtemp(join(tmpdir(), 'workflows-check-'));
    await writeFile(
      join(odd, 'odd.yaml'),
      `${good}input: { type: object, properties: { 'first name': { type: string } } }\n`,
    );
    const { code, out, err } = await runCommand(['workflows', 'check', odd]);
    const json = await runCommand(['workflows', 'check', odd, '--json']);
    await rm(odd, { recursive: true });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /odd\.yaml:8:\d+ input\.properties\["first name"\]: warning: is published as "first_name".*\n1 workflow is in order: greet\n$/,
    );
    expect(JSON.parse(json.out)).toMatchObject({ faults: [], warnings: [{ file: 'odd.yaml', line: 8 }] });
  });

  it('warns of patterns that cannot be matched in linear time, in schemas and in expressions', async () => {
    const slow = await mkdtemp(join(tmpdir(), 'workflows-check-'));
    const text = good.replace(
      'text: hello',
      "text: '{{ $contains(input.t, /(?=a)b/) and $contains(input.t, /^(a+)+$/) }}'",
    );
    await writeFile(
      join(slow, 'slow.yaml'),
      [
        `${text}    when: $contains(input.t, /(a)\\1/)`,
        "    on_error: { use: '{{ $match(error.message, /(?!c)d/) }}' }",
        "  - { id: sure, kind: ask, question: Sure?, answer: { type: string, pattern: '^(?!n)y' } }",
        "input: { type: object, properties: { t: { type: string, pattern: '^(?!x)y' } } }",
        "result: '{{ $split(nodes.hello.output.text, /(?<=,)b/) }}'",
        "summary: 'All {{ $match(input.t, /(?<!e)f/) }}'",
        '',
      ].join('\n'),
    );
    const { code, out } = await runCommand(['workflows', 'check', slow]);
    await rm(slow, { recursive: true });
    expect(code).toBe(0);
    const told = out.split('\n').filter((line) => line.includes('linear time'));
    expect(
      told.map((line) =>
        /yaml:\d+:\d+ (\S+): warning: the (pattern|regular expression) .*\("(.*)"\)$/.exec(line)?.slice(1),
      ),
    ).toEqual([
      ['nodes[0].with.text', 'regular expression', '/(?=a)b/'],
      ['nodes[0].when', 'regular expression', '/(a)\\\\1/'],
      ['nodes[0].on_error.use', 'regular expression', '/(?!c)d/'],
      ['nodes[1].answer', 'pattern', '^(?!n)y'],
      ['input', 'pattern', '^(?!x)y'],
      ['result', 'regular expression', '/(?<=,)b/'],
      ['summary', 'regular expression', '/(?<!e)f/'],
    ]);
  });

  it('names programs with tools whose state all organizations share, unless that is said to be meant', async () => {
    const servers =
      'open: { command: here }\nown: { command: here, per: organization }\nmeant: { command: here, per: server }\n';
    await writeFile(join(dir, 'mcp-servers.yaml'), `${servers}far: { url: 'https://mcp.example.com' }\n`);
    const { code, out } = await runCommand(['workflows', 'check', dir]);
    expect(code).toBe(0);
    expect(out).toMatch(/mcp-servers\.yaml open: warning: all organizations share one process/);
    const json = JSON.parse((await runCommand(['workflows', 'check', dir, '--json'])).out) as { warnings: object[] };
    expect(json.warnings).toHaveLength(1);
    await rm(join(dir, 'mcp-servers.yaml'));
  });

  it('reports every fault with its place and ends with 1', async () => {
    await writeFile(join(dir, 'bad.yaml'), `${good.replace('greet', 'bad')}    needs: [nobody]\n    kinds: x\n`);
    const { code, out } = await runCommand(['workflows', 'check', dir]);
    expect(code).toBe(1);
    expect(out).toMatch(/bad\.yaml:8:13 nodes\[0\]\.needs\[0\]: .*\("nobody"\)\n/);
    expect(out.trimEnd().split('\n').length).toBeGreaterThan(1);
    const json = await runCommand(['workflows', 'check', dir, '--json']);
    expect(json.code).toBe(1);
    const { faults } = JSON.parse(json.out) as { faults: { value?: string }[] };
    expect(faults).toContainEqual(expect.objectContaining({ line: 8, value: 'nobody' }));
  });
});
