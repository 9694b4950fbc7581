import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/app/running-server.js';
import { readHostRules } from '../../src/outbound/host-rules.js';
import { startServer } from '../../src/app/server.js';
import { callPublished, type Fields } from '../support/contracts/call-published.js';
import type { ContractFile } from '../support/contracts/contract-schemas.js';
import type { ModelServerAnswer, ModelServerRequest } from '../support/model-servers/answers.js';
import { startModelServer, type ModelServer } from '../support/model-servers/model-server.js';
import { repository } from '../support/server/server-process.js';
import { promptOf, recordedAnswer, titleOf } from './recorded-answers.js';
import { startSampleShops, type SampleShops } from './sample-shops.js';

const INSTRUCTION = 'Mention that we speak Portuguese.';
const CREDITS = 100_000;
const PACK = [
  { id: 'ai_shop_checkup', name: 'AI Shop Checkup', creditCost: 25, estimatedDuration: '3-5 min', agentCount: 5 },
  { id: 'fix_visibility', name: 'Fix My Visibility', creditCost: 20, estimatedDuration: '4-6 min', agentCount: 6 },
  { id: 'competitive_scan', name: 'Conquest Campaign', creditCost: 20, estimatedDuration: '3-5 min', agentCount: 4 },
  { id: 'content_refresh', name: 'Service Menu Update', creditCost: 15, estimatedDuration: '4-6 min', agentCount: 3 },
  { id: 'full_service', name: 'Full Detail', creditCost: 45, estimatedDuration: '8-12 min', agentCount: 6 },
  { id: 'reputation_shield', name: 'Reputation Shield', creditCost: 15, estimatedDuration: '2-3 min', agentCount: 3 },
] as const;

interface Agent {
  readonly role: string;
  readonly status: string;
  readonly progress: number;
  readonly findings: string | null;
  readonly errorMessage: string | null;
}

let folder: string;
let shops: SampleShops;
let models: ModelServer;
let server: RunningServer;

async function start(name: string, environment: { readonly [name: string]: string }): Promise<RunningServer> {
  const started = await startServer({
    port: 0,
    dataDir: join(folder, name),
    workflowsDir: join(repository, 'workflows'),
    logLevel: 'silent',
    durability: 'relaxed',
    bootstrapCredits: CREDITS,
    mutatingCallsPerMinute: 1_000,
    environment,
    outboundAllow: readHostRules('127.0.0.0/8').rules,
  });
  expect(started.faults).toEqual([]);
  return started;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-visibility-'));
  [shops, models] = await Promise.all([startSampleShops(), startModelServer()]);
  server = await start('data', {
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: models.url,
    ANTHROPIC_API_KEY: 'sk-ant-test',
    ANTHROPIC_BASE_URL: models.url,
    ERRAND_DEFAULT_MODEL: 'openai/gpt-5-mini',
  });
});

afterAll(async () => {
  await server.close();
  await Promise.all([models.close(), shops.close()]);
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => models.script(recordedAnswer));

function profile(): Fields {
  return {
    business: {
      name: 'Bright Spoke Bicycles',
      site: shops.shop,
      city: 'Harborview',
      services: ['brake repair', 'wheel building', 'bike fitting'],
      competitors: [{ name: 'Chain Reaction', site: shops.rival }],
      reviews: [shops.reviews, '5/5 Lovely shop, they explained everything.'],
      phone: '(555) 010-2030',
      address: '12 Harbor Street, Harborview',
      hours: 'Mo-Fr 09:00-18:00, Sa 10:00-14:00',
    },
  };
}

const call = (contract: ContractFile, tool: string, args: object = {}, on = server): Promise<Fields> =>
  callPublished({ url: on.url, key: on.firstKey ?? '' }, contract, tool, args);

const isOver = (status: unknown): boolean => !['pending', 'running'].includes(String(status));

/** Runs it through contract B, and reads it through both. */
async function run(
  workflowId: string,
  configuration: Fields = profile(),
): Promise<{ b: Fields & { readonly agents: readonly Agent[] }; a: Fields; charged: number }> {
  const before = await call('mcp-app', 'get_credits');
  const { runId } = await call('mcp-app', 'run_workflow', {
    workflowId,
    configuration: { ...configuration, context: INSTRUCTION },
  });
  const status = (): Promise<Fields> => call('mcp-app', 'get_run_status', { runId });
  await expect.poll(async () => isOver((await status())['status']), { timeout: 60_000, interval: 50 }).toBe(true);
  const run_id = `agent_${String(runId).replaceAll('-', '')}`;
  const after = await call('mcp-app', 'get_credits');
  return {
    b: (await status()) as Fields & { readonly agents: readonly Agent[] },
    a: await call('workflows', 'get_run_status', { run_id }),
    charged: Number(before['available']) - Number(after['available']),
  };
}

/** Answers as recorded, but to those requests as said. */
function except(
  isMeant: (request: ModelServerRequest) => boolean,
  answer: ModelServerAnswer = { refusal: 'I cannot help with that.' },
): void {
  models.script((request) => (isMeant(request) ? answer : recordedAnswer(request)));
}

describe('the visibility pack', { timeout: 120_000 }, () => {
  it('is listed with the ids, names, costs and durations that its clients know', async () => {
    const { workflows } = (await call('mcp-app', 'list_workflows')) as { workflows: Fields[] };
    const ids: readonly string[] = PACK.map(({ id }) => id);
    const listed = workflows.filter(({ id }) => ids.includes(String(id)));
    expect(listed.toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))).toMatchObject(
      PACK.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
    const checkup = listed.find(({ id }) => id === 'ai_shop_checkup');
    expect(checkup?.['agents']).toEqual([
      { role: 'ai-simulator', label: 'AI Simulator' },
      { role: 'brand-monitor', label: 'Brand Monitor' },
      { role: 'site-reader', label: 'Site Reader' },
      { role: 'structured-data-inspector', label: 'Structured Data Inspector' },
      { role: 'reputation-reader', label: 'Reputation Reader' },
    ]);
  });

  it('refuses a profile that lacks something, naming what', async () => {
    const { business } = profile() as { business: Fields };
    const { phone: _, services: __, ...rest } = business;
    const configuration = { business: { ...rest, site: 'bright-spoke.example' } };
    const { error } = (await call('mcp-app', 'run_workflow', { workflowId: 'fix_visibility', configuration })) as {
      error: { code: string; message: string };
    };
    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain('/business/services');
    expect(error.message).toContain('/business/site');
  });

  it.each(PACK)('$id runs to its end for $creditCost credits', async ({ id, creditCost, agentCount }) => {
    const seen = models.requests.length;
    const { b, a, charged } = await run(id);
    // First of all, as it says why.
    for (const agent of b.agents) expect(agent).toMatchObject({ status: 'completed', errorMessage: null });
    expect(b).toMatchObject({ status: 'completed', creditsConsumed: creditCost, agentCount, errorMessage: null });
    expect(charged).toBe(creditCost);
    for (const agent of b.agents) {
      expect(agent).toMatchObject({ status: 'completed', progress: 100 });
      expect(agent.findings).toMatch(/^[^\n]{10,1200}[.”]$/);
    }
    expect(String(b['summary']).length).toBeGreaterThan(80);
    expect(a).toMatchObject({ status: 'completed', output: { business: 'Bright Spoke Bicycles' } });
    const asked = models.requests.slice(seen);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.filter(({ system }) => system?.includes(INSTRUCTION) !== true)).toEqual([]);
  });

  it('asks several models a dozen questions each, and finds what they get wrong', async () => {
    const seen = models.requests.length;
    const { a } = await run('ai_shop_checkup', {
      ...profile(),
      models: ['openai/gpt-5', 'anthropic/claude-sonnet-4-5'],
    });
    const asked = models.requests.slice(seen).filter((request) => titleOf(request) === null);
    const questions = asked.filter((request) => !promptOf(request).startsWith('What do you know'));
    expect(questions.filter(({ api }) => api === 'openai-responses')).toHaveLength(12);
    expect(questions.filter(({ api }) => api === 'anthropic')).toHaveLength(12);
    const { output } = a as { output: { ai: Fields; issues: { rule: string }[]; structured_data: Fields } };
    expect(output.ai).toMatchObject({
      standing: {
        discoveries: 16,
        facts: { right: 6, wrong: 2, absent: 0 },
        competitors: [{ name: 'Chain Reaction', mentions: 16 }],
        missedServices: ['wheel building', 'bike fitting'],
      },
    });
    expect(output.issues.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['ai-address-wrong', 'telephone-wrong', 'assistants-blocked', 'service-missing']),
    );
  });

  it('drafts structured data that holds against the profile', async () => {
    const { a } = await run('fix_visibility');
    expect(a).toMatchObject({
      output: {
        fixes: {
          local_business: {
            json_ld: {
              '@type': 'BikeStore',
              telephone: '(555) 010-2030',
              openingHours: ['Mo-Fr 09:00-18:00', 'Sa 10:00-14:00'],
            },
          },
          needs_a_look: [],
        },
      },
    });
  });

  it('has a draft written anew that makes things up', async () => {
    let drafts = 0;
    models.script((request) => {
      const answer = recordedAnswer(request);
      if (titleOf(request) !== 'business_words' || drafts++ > 0) return answer;
      return {
        json: { type: 'BikeStore', description: 'Award-winning bicycle repair in Harborview from just $19 on.' },
      };
    });
    const seen = models.requests.length;
    const { a } = await run('fix_visibility');
    const asked = models.requests.slice(seen).filter((request) => titleOf(request) === 'business_words');
    expect(asked).toHaveLength(2);
    expect(promptOf(asked[1] as ModelServerRequest)).toContain('the price $19');
    expect(JSON.stringify(a['output'])).not.toContain('$19');
  });
});

describe('the visibility pack, with the model of one agent failing', { timeout: 120_000 }, () => {
  it.each([
    ['ai_shop_checkup', 'brand_image', 'brand-monitor', 20],
    ['fix_visibility', 'faqs', 'faq-writer', 17],
    ['competitive_scan', 'campaign', 'campaign-planner', 15],
    ['content_refresh', 'service_text', 'service-writer', 5],
    ['reputation_shield', 'review_replies', 'reply-writer', 10],
    ['full_service', 'visibility_plan', 'service-advisor', 38],
  ])('%s is partly complete without %s', async (id, schema, role, credits) => {
    except((request) => titleOf(request) === schema);
    const { b, a, charged } = await run(id);
    expect(b).toMatchObject({ status: 'partial_complete', creditsConsumed: credits, errorMessage: null });
    expect(charged).toBe(credits);
    const failed = b.agents.filter(({ status }) => status === 'failed');
    expect(failed).toMatchObject([
      { role, errorMessage: expect.stringMatching(/refused|declined|cannot help/i) as string },
    ]);
    expect(String(b['summary'])).toContain('could not finish');
    expect(a).toMatchObject({ status: 'completed', output: { business: 'Bright Spoke Bicycles', failed: [{}] } });
  });

  it('goes on when all questions to one of two models fail for good', async () => {
    except(({ api }) => api === 'anthropic');
    const { b, a } = await run('ai_shop_checkup', {
      ...profile(),
      models: ['openai/gpt-5', 'anthropic/claude-sonnet-4-5'],
    });
    expect(b).toMatchObject({ status: 'completed', creditsConsumed: 25 });
    expect(a).toMatchObject({
      output: {
        ai: { silent: [{ asked: 'anthropic/claude-sonnet-4-5', questions: 12 }], standing: { discoveries: 8 } },
      },
    });
  });

  it('tries again what a server error stopped, and asks nothing twice that was answered', async () => {
    let failures = 0;
    const judgesBrand = (request: ModelServerRequest): boolean => titleOf(request) === 'brand_image';
    models.script((request) =>
      judgesBrand(request) && failures++ === 0 ? { kind: 'error', status: 500 } : recordedAnswer(request),
    );
    const seen = models.requests.length;
    const { b } = await run('ai_shop_checkup');
    expect(b).toMatchObject({ status: 'completed', creditsConsumed: 25 });
    const asked = models.requests.slice(seen);
    expect(asked.filter(judgesBrand)).toHaveLength(2);
    expect(asked.filter((request) => promptOf(request).startsWith('What do you know'))).toHaveLength(1);
  });

  it('charges for a full service what it says when a part of it is partly complete', async () => {
    except((request) => titleOf(request) === 'faqs');
    const { b, a, charged } = await run('full_service');
    expect(b).toMatchObject({ status: 'completed', creditsConsumed: 45 });
    expect(charged).toBe(45);
    expect(a).toMatchObject({ output: { fixes: { failed: [{ agent: 'faq-writer' }] } } });
  });

  it('says why reviews could not be judged that could not be had', async () => {
    const { business } = profile() as { business: Fields };
    const { b } = await run('ai_shop_checkup', { business: { ...business, reviews: [shops.shop] } });
    expect(b).toMatchObject({ status: 'partial_complete', creditsConsumed: 20 });
    const failed = b.agents.find(({ role }) => role === 'reputation-reader');
    expect(failed).toMatchObject({ status: 'failed', errorMessage: expect.stringContaining(shops.shop) as string });
  });

  it('makes do with what can be had when the site cannot be read', async () => {
    const { business } = profile() as { business: Fields };
    const configuration = { business: { ...business, site: 'http://127.0.0.1:9/' } };
    const { b, a } = await run('ai_shop_checkup', configuration);
    expect(b).toMatchObject({ status: 'partial_complete', creditsConsumed: 15 });
    expect(a).toMatchObject({ status: 'completed', output: { site: null, structured_data: null } });
  });
});

describe('the visibility pack, without a model', { timeout: 120_000 }, () => {
  it('cannot be started, and holds no credits', async () => {
    const bare = await start('bare', {});
    try {
      const configuration = profile();
      for (const { id } of PACK) {
        const answer = await call('mcp-app', 'run_workflow', { workflowId: id, configuration }, bare);
        expect(JSON.stringify(answer)).toContain('ERRAND_DEFAULT_MODEL');
      }
      expect(await call('mcp-app', 'list_workflow_runs', {}, bare)).toMatchObject({ total: 0 });
      expect(await call('mcp-app', 'get_credits', {}, bare)).toMatchObject({ available: CREDITS, reserved: 0 });
    } finally {
      await bare.close();
    }
  });
});
