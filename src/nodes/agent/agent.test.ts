import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RunUnderTest } from '../../../test/support/runs/run-under-test.js';
import { calls, ScriptedModels, type Said } from '../../../test/support/runs/scripted-models.js';
import type { Json } from '../../core/json.js';
import { createOutbound } from '../../outbound/create-outbound.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import { NodeFailure, type HandlerContext } from '../../core/handlers/node-kind.js';
import type { NodeSpec, ToolSpec } from '../../workflow/define-workflow.js';

const NUMBER = { type: 'object', required: ['n'], properties: { n: { type: 'number' } } };

type Work = (context: HandlerContext<{ readonly n: number }>) => unknown;

const tool = (name: string, code: Work): ToolSpec => ({
  name,
  description: `Does ${name}.`,
  input: NUMBER,
  code,
});

const agent = (rest: Partial<NodeSpec>): NodeSpec => ({ id: 'scout', kind: 'agent', goal: 'Find it', ...rest });

function agentRun(rest: Partial<NodeSpec>, said: readonly Said[], input: Json = {}) {
  const test = new RunUnderTest([agent(rest)], {}, input);
  const models = new ScriptedModels(...said);
  test.models = models;
  return { test, models };
}

/** Drives the run while the clock goes on, so that what is retried comes to be. */
async function driven(test: RunUnderTest) {
  const driving = test.drive();
  await test.clock.advance(100);
  return driving;
}

describe('an HTTP tool whose host the model chooses', () => {
  const asks = async (url: string, hosts?: string): Promise<Json | undefined> => {
    const server = createServer((_, response) => void response.end('inside'));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const outbound = createOutbound({ hosts: 'any', allow: [], proxies: null });
    onTestFinished(async () => {
      await outbound.close();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { test, models } = agentRun(
      {
        tools: [
          {
            name: 'read',
            description: 'Reads a page.',
            input: { type: 'object', properties: { host: { type: 'string' } } },
            http: { url: url.replace('PORT', String(port)), ...(hosts === undefined ? {} : { hosts }) },
          },
        ],
      },
      [calls(['read', { host: '127.0.0.1' }]), 'Done.'],
    );
    test.outbound = outbound;
    await test.drive();
    const told = models.asked[1]?.messages.at(-1);
    return told?.role === 'tool' ? told.results[0]?.output : undefined;
  };

  it('reaches public hosts only, unless the author says otherwise', async () => {
    expect(await asks('http://{{ args.host }}:PORT/')).toContain('127.0.0.1 is an internal address');
    expect(await asks('http://{{ args.host }}:PORT/', 'any')).toEqual({ status: 200, body: 'inside' });
    expect(await asks('http://127.0.0.1:PORT/{{ args.host }}')).toEqual({ status: 200, body: 'inside' });
    expect(await asks('http://127.0.0.1:PORT/', 'public')).toContain('127.0.0.1 is an internal address');
  });
});

describe('an agent', () => {
  it('calls tools with what the model says until it answers, and gives that answer', async () => {
    const { test, models } = agentRun(
      { goal: 'Double {{ input.n }}', tools: [tool('double', ({ input }) => input.n * 2)] },
      [calls(['double', { n: 4 }]), 'It is 8.'],
      { n: 4 },
    );
    expect((await test.drive()).output).toBe('It is 8.');
    expect(models.asked[0]?.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Double 4' }] }]);
    expect(models.asked[0]?.tools?.map(({ name }) => name)).toEqual(['report_progress', 'record_findings', 'double']);
    expect(models.asked[1]?.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: '' },
          { id: 'c1-1', name: 'double', input: { n: 4 } },
        ],
      },
      { role: 'tool', results: [{ callId: 'c1-1', name: 'double', output: 8, isError: false }] },
    ]);
  });

  it('is told its part, its own system text and what the caller of the run adds', async () => {
    const { test, models } = agentRun({ system: 'Be brief.' }, ['done']);
    await test.drive();
    expect(models.asked[0]?.system).toMatch(/^You work towards .*Be brief\..*<extra_instruction>\nbe kind\n/s);
  });

  it('uses several tools at once, five at most, and tells their results in order', async () => {
    let working = 0;
    let most = 0;
    const work: Work = async ({ input }) => {
      working += 1;
      most = Math.max(most, working);
      for (let turn = 0; turn < 20 - input.n; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
      return input.n;
    };
    const asked = Array.from({ length: 12 }, (_, n) => ['count', { n }] as const);
    const { test, models } = agentRun({ tools: [tool('count', work)] }, [calls(...asked), 'done']);
    await test.drive();
    expect(most).toBe(5);
    expect(models.results(2).map(([output]) => output)).toEqual(asked.map(([, { n }]) => n));
  });

  it('with an output schema gives JSON that fits it, asking again without tools for what does not', async () => {
    const { test, models } = agentRun({ output: NUMBER, tools: [tool('t', () => 1)] }, [
      'none',
      '{"n":"x"}',
      '{"n":3}',
    ]);
    expect((await test.drive()).output).toEqual({ n: 3 });
    expect(models.asked[0]?.system).toContain(JSON.stringify(NUMBER));
    expect(models.asked.map(({ toolChoice }) => toolChoice)).toEqual([undefined, 'none', 'none']);
    expect(models.told(3)).toContain('/n must be');
  });

  it('that never gives what fits fails, and its next attempt begins anew', async () => {
    const { test, models } = agentRun({ output: NUMBER, repairs: 1, retry: { attempts: 2, initial: 1 } }, [
      'no',
      'no',
      '{"n":1}',
    ]);
    expect((await driven(test)).output).toEqual({ n: 1 });
    expect(models.asked.map(({ messages }) => messages.length)).toEqual([1, 3, 1]);
  });

  it('that says nothing at all is asked again', async () => {
    const { test } = agentRun({}, ['', 'Something']);
    expect((await test.drive()).output).toBe('Something');
  });

  it('that is not done after its steps fails with that, and its next attempt begins anew', async () => {
    const again = calls(['t', { n: 1 }]);
    const { test, models } = agentRun(
      { role: 'scout', label: 'Scout', max_steps: 2, tools: [tool('t', () => 1)], retry: { attempts: 2, initial: 1 } },
      [again, again, again, 'done'],
    );
    expect((await driven(test)).output).toBe('done');
    expect(test.log.find(({ kind }) => kind === 'node.retrying')).toMatchObject({
      anew: true,
      error: { kind: 'step_limit', message: 'Scout was not done after 2 steps (max_steps)' },
    });
    expect(models.asked).toHaveLength(4);
  });

  it('stands inside a map', async () => {
    const test = new RunUnderTest([
      {
        id: 'each',
        kind: 'map',
        over: [1, 2],
        concurrency: 1,
        do: { kind: 'agent', goal: 'Take {{ item }}', tools: [tool('t', ({ input }) => input.n)] },
      },
    ]);
    test.models = new ScriptedModels(calls(['t', { n: 1 }]), 'one', calls(['t', { n: 2 }]), 'two');
    expect((await test.drive()).output).toEqual(['one', 'two']);
  });
});

describe('what an agent is shown as', () => {
  it('is what it reports, never as done before it is', async () => {
    const { test } = agentRun({ role: 'scout', label: 'Scout' }, [
      calls(['report_progress', { percent: 40, message: 'half the way' }]),
      calls(['report_progress', { percent: 100, message: 'as good as done' }]),
      'done',
    ]);
    await test.drive();
    const told = test.log.filter((event) => event.kind === 'node.progress');
    expect(told).toMatchObject([
      { percent: 40, message: 'half the way' },
      { percent: 99, message: 'as good as done' },
    ]);
  });

  it('is which tools it uses, when it does not report', async () => {
    const { test } = agentRun({ tools: [tool('count', () => 1), tool('sum', () => 1)] }, [
      calls(['count', { n: 1 }], ['count', { n: 2 }], ['sum', { n: 3 }]),
      'done',
    ]);
    await test.drive();
    expect(test.log.find((event) => event.kind === 'node.progress')).toMatchObject({ message: 'uses count, sum' });
  });

  it('is what it says it found, in a few sentences', async () => {
    const long = 'It is long and wide. '.repeat(40);
    const { test } = agentRun({ role: 'scout', label: 'Scout' }, [calls(['record_findings', { text: long }]), 'done']);
    await test.drive();
    const { findings } = test.node('scout') ?? {};
    expect(findings).toMatch(/^It is long .*wide\.$/);
    expect(findings?.length).toBeLessThanOrEqual(600);
  });

  it('is the summary of its answer, when it recorded nothing', async () => {
    const output = { type: 'object', properties: { summary: { type: 'string' } } };
    const { test } = agentRun({ role: 'scout', label: 'Scout', output }, ['{"summary":"Two of three."}']);
    await test.drive();
    expect(test.node('scout')?.findings).toBe('Two of three.');
  });
});

describe('a tool', () => {
  it('that fails tells the model so, which goes on', async () => {
    const work: Work = ({ input }) => {
      throw new NodeFailure(`${input.n} is odd`, { kind: 'odd' });
    };
    const { test, models } = agentRun({ tools: [tool('t', work)] }, [calls(['t', { n: 1 }]), 'It cannot be done.']);
    expect((await test.drive()).status).toBe('completed');
    expect(models.results(2)).toEqual([['1 is odd', true]]);
  });

  it('is not used with arguments that cannot be kept exactly, and says so', async () => {
    const { test, models } = agentRun({ tools: [tool('double', ({ input }) => input.n * 2)] }, [
      calls(['double', '{"n":9007199254740993}']),
      'I cannot.',
    ]);
    await test.drive();
    expect(models.asked[1]?.messages.at(-1)).toMatchObject({
      results: [
        {
          isError: true,
          output: expect.stringContaining('The number 9007199254740993 at /n cannot be kept') as string,
        },
      ],
    });
  });

  it('that does not exist, or whose arguments do not fit, is an error that says what is wrong', async () => {
    const { test, models } = agentRun({ tools: [tool('t', () => 1)] }, [calls(['u', {}], ['t', { n: 'x' }]), 'done']);
    await test.drive();
    expect(models.results(2)).toEqual([
      ['There is no tool "u"; there are report_progress, record_findings, t', true],
      [expect.stringMatching(/^The arguments do not fit: \/n must be/), true],
    ]);
  });

  it('that gives more than 32,000 characters is cut, with a note', async () => {
    const { test, models } = agentRun({ tools: [tool('t', () => ({ text: 'x'.repeat(40_000) }))] }, [
      calls(['t', { n: 1 }]),
      'done',
    ]);
    await test.drive();
    const [[output] = []] = models.results(2);
    expect(output).toMatch(/^\{"text":"x+\n\[cut: these are the first 32000 of 40011 characters\]$/);
  });

  it('of code is given its arguments, and a key of its own for each call', async () => {
    const seen: { input: unknown; key: string }[] = [];
    const work: Work = ({ input, idempotencyKey }) => {
      seen.push({ input, key: idempotencyKey });
      return undefined;
    };
    const { test, models } = agentRun({ tools: [tool('t', work)] }, [
      calls(['t', { n: 1 }], ['t', { n: 1 }]),
      calls(['t', { n: 1 }]),
      'done',
    ]);
    await test.drive();
    expect(seen.map(({ input }) => input)).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(3);
    for (const { key } of seen) expect(key).toContain(`${test.run.id}:scout:call-`);
    expect(models.results(2)).toEqual([
      [null, false],
      [null, false],
    ]);
  });

  it('of code has durable steps and model calls of its own', async () => {
    const work: Work = async ({ step, generate, input }) => {
      const doubled = await step('double', () => input.n * 2);
      return { doubled, said: (await generate({ prompt: `what is ${doubled}` })).text };
    };
    const { test, models } = agentRun({ tools: [tool('t', work)] }, [calls(['t', { n: 2 }]), 'four', 'done']);
    await test.drive();
    expect(models.results(3)).toEqual([[{ doubled: 4, said: 'four' }, false]]);
  });

  it('that uses up the budget ends the node', async () => {
    const work: Work = ({ generate }) => generate({ prompt: 'x' });
    const { test } = agentRun({ budget: { calls: 1 }, tools: [tool('t', work)] }, [calls(['t', { n: 1 }]), 'x']);
    expect((await test.drive()).error).toMatchObject({ kind: 'budget_exceeded' });
  });

  it('over HTTP sends what its templates make of the arguments, and of all else that the node sees', async () => {
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { url, method, headers } = request;
        const missing = url?.startsWith('/missing') === true;
        response.writeHead(missing ? 404 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ url, method, token: headers['x-token'], body }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const http = {
      url: `${origin}/{{ args.path }}`,
      method: 'POST',
      headers: { 'x-token': '{{ input.token }}' },
      query: { n: '{{ args.n }}' },
      body: { twice: '{{ args.n * 2 }}' },
    };
    const { test, models } = agentRun(
      { tools: [{ name: 'send', description: 'Sends.', input: { type: 'object' }, http }] },
      [calls(['send', { path: 'a', n: 3 }], ['send', { path: 'missing', n: 3 }]), 'done'],
      { token: 'secret' },
    );
    await test.drive();
    expect(models.results(2)).toEqual([
      [{ status: 200, body: { url: '/a?n=3', method: 'POST', token: 'secret', body: '{"twice":6}' } }, false],
      [`POST ${origin}/missing answered 404 Not Found`, true],
    ]);
  });
});

describe('the tools of MCP servers', () => {
  const called: unknown[] = [];
  const mcp: McpTools = {
    list: async ({ server }) =>
      ['search', `only ${server}`].map((name) => ({ name, description: `${name} of ${server}`, inputSchema: NUMBER })),
    call: async ({ server, tool: name, arguments: args, workflowId, onProgress }) => {
      called.push([server, name, args, workflowId]);
      onProgress?.(50, 'searching');
      const isError = server === 'docs';
      return {
        text: `${name} says ${JSON.stringify(args)}`,
        content: [],
        isError,
        ...(isError ? {} : { structured: { hits: 2 } }),
      };
    },
  };

  it('are offered under their names, with the server in front where two are the same', async () => {
    const { test, models } = agentRun({ tools: [{ mcp: 'web' }, { mcp: 'docs' }] }, [
      calls(['web_search', { n: 1 }], ['docs_search', { n: 2 }], ['only_web', {}]),
      'done',
    ]);
    test.mcp = mcp;
    await test.drive();
    expect(models.asked[0]?.tools?.slice(2).map(({ name }) => name)).toEqual([
      'web_search',
      'only_web',
      'docs_search',
      'only_docs',
    ]);
    expect(called).toEqual([
      ['web', 'search', { n: 1 }, 'w'],
      ['docs', 'search', { n: 2 }, 'w'],
    ]);
    expect(models.results(2)).toEqual([
      [{ hits: 2 }, false],
      ['search says {"n":2}', true],
      [expect.stringContaining('do not fit'), true],
    ]);
  });

  it('are only those that the agent allows', async () => {
    const { test, models } = agentRun({ tools: [{ mcp: 'web', allow: ['search'] }] }, ['done']);
    test.mcp = mcp;
    await test.drive();
    expect(models.asked[0]?.tools?.slice(2).map(({ name }) => name)).toEqual(['search']);
  });

  it('that are allowed but not there fail the node', async () => {
    const { test } = agentRun({ tools: [{ mcp: 'web', allow: ['serach'] }] }, ['done']);
    test.mcp = mcp;
    expect((await test.drive()).error).toMatchObject({ kind: 'mcp_unknown_tool' });
  });
});
