import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DryRunner } from '../../../src/app/trial/dry-runner.js';
import { nodeClock } from '../../../src/app/process/node-clock.js';
import { assemble, type Assembly } from '../../../src/app/assembly/assemble.js';
import { wireClients, wireOAuth } from '../../../src/app/assembly/wire-oauth.js';
import { createAuthenticator } from '../../../src/auth/authenticate.js';
import { createTokenAuthenticator } from '../../../src/auth/oauth/authenticate-token.js';
import type { KnownClient } from '../../../src/auth/oauth/known-clients.js';
import type { FetchDocument } from '../../../src/auth/oauth/client-documents.js';
import { tokenMaker } from '../../../src/auth/oauth/tokens.js';
import type { CompanySettings } from '../../../src/auth/oidc/company-sign-in.js';
import type { Clock } from '../../../src/core/ports/clock.js';
import type { Store } from '../../../src/core/ports/store/store.js';
import type { OAuthParts } from '../../../src/http/pipeline/oauth-parts.js';
import type { HandlerContext } from '../../../src/core/handlers/node-kind.js';
import type { Principal, Scope } from '../../../src/core/tenant/principal.js';
import type { RateLimiter } from '../../../src/core/ports/rate-limiter.js';
import { createApp } from '../../../src/http/create-app.js';
import { serve, type HttpServer } from '../../../src/http/serve.js';
import type { Services } from '../../../src/service/interface/services.js';
import { nodeKinds } from '../../../src/nodes/registry.js';
import { describeSource } from '../../../src/app/assembly/workflow-set.js';
import { defineWorkflow } from '../../../src/workflow/define-workflow.js';
import type { DefinedWorkflow } from '../../../src/workflow/defined-workflow.js';

const NO_LIMIT: RateLimiter = { take: () => ({ ok: true }) };

const OBJECT = { type: 'object' } as const;
const NAMED = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } as const;

/** The agents of `checkup` that are at work, by node id; a test makes them report and end. */
export interface AgentAtWork {
  readonly context: Pick<HandlerContext, 'progress' | 'findings' | 'signal'>;
  end(output?: { score: number }): void;
  fail(message: string): void;
}

const SETTINGS = { monthlyCredits: 100_000, maxActiveRuns: 50 };

/**
 * The whole program in this process on a free port, with workflows of each sort: `greet` ends at once, `checkup` when a
 * test says so, `fails` fails, `release` asks a person, `words` gives a text, `tree` refers within its schemas,
 * `hidden` is not published, `get_credits` has the name of a tool.
 */
export async function startNativeStack(
  folder = mkdtempSync(join(tmpdir(), 'errand-native-')),
  options: StackOptions = {},
): Promise<NativeStack> {
  const agents = new Map<string, AgentAtWork>();
  const workflows = [defineCheckup(agents), ...OTHERS];
  const assembly = await assemble({ data: folder, ...SETTINGS, dryRuns: new DryRunner({ clock: nodeClock }) });
  for (const workflow of workflows) assembly.handlers.registerInline(workflow);
  await assembly.catalog.replaceAll(workflows.map((workflow) => describeSource(workflow, nodeKinds)));
  await assembly.start();
  const { services, store } = assembly;
  const server = await serveAssembly(assembly, options);
  const operator: Principal = {
    organizationId: assembly.defaultOrganizationId,
    keyId: null,
    scopes: ['run', 'manage', 'operate'],
  };
  const stop = async (): Promise<void> => {
    await server.close({ graceMs: 0 });
    await assembly.close({ graceMs: 0 });
  };
  let organizations = 0;
  const newKey: NativeStack['newKey'] = async (organization, expiresAt, scopes = ['run']) => {
    const { key, apiKey } = await services.createKey(operator, {
      name: 'k',
      scopes,
      organization,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
    const revoke = (): Promise<void> => services.revokeKey(operator, { organization, keyId: apiKey.id });
    return { key, headers: { authorization: `Bearer ${key}` }, revoke };
  };
  return {
    url: new URL(`${server.url}/mcp`),
    services,
    store,
    agents,
    async newCaller() {
      const slug = `org-${++organizations}`;
      const { organization } = await services.createOrganization(operator, { slug, monthlyCredits: 1_000 });
      const { id } = organization;
      const caller: Principal = { organizationId: id, keyId: null, scopes: ['run'] };
      return { ...(await newKey(slug)), caller, organization: slug };
    },
    newKey,
    async replaceWorkflows(ids: readonly string[]) {
      const kept = workflows.filter(({ definition }) => ids.includes(definition.id));
      await assembly.catalog.replaceAll(kept.map((workflow) => describeSource(workflow, nodeKinds)));
    },
    workflowIds: workflows.map(({ definition }) => definition.id),
    async restart() {
      await stop();
      return await startNativeStack(folder, options);
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function serveAssembly(assembly: Assembly, options: StackOptions): Promise<HttpServer> {
  const { services, store, keys, logger, newId } = assembly;
  const { clock = assembly.clock, publicUrl = null, fetchDocument } = options;
  const authenticateKey = createAuthenticator({ store, clock, keys });
  const app = createApp({
    services,
    authenticate: createTokenAuthenticator({ store, clock, tokens: tokenMaker }, authenticateKey),
    ...(fetchDocument === undefined ? {} : { oauth: openOAuth(assembly, { ...options, fetchDocument }, clock) }),
    limits: { mutating: NO_LIMIT, reading: NO_LIMIT },
    logger,
    clock,
    newId,
    host: '127.0.0.1',
    publicUrl,
    version: '0.0.0',
  });
  return serve({ app, host: '127.0.0.1', port: 0 });
}

interface StackOptions {
  /** The stack has an authorization server when it is given, which has documents of clients from it. */
  readonly fetchDocument?: FetchDocument;
  /** The identity provider of a company. */
  readonly company?: CompanySettings;
  /** Those that the settings of the server name. */
  readonly clients?: readonly KnownClient[];
  /** Of requests, not of runs. */
  readonly clock?: Clock;
  readonly publicUrl?: string | null;
}

function openOAuth(
  assembly: Assembly,
  { fetchDocument: fetch, company, clients = [] }: StackOptions & { fetchDocument: FetchDocument },
  clock: Clock,
): OAuthParts {
  const { signIn, store, newId, logger } = assembly;
  const parts = wireOAuth({
    signIn,
    store,
    clock,
    newId,
    logger,
    trustedProxies: ['127.0.0.1'],
    company: company ?? null,
    clients,
  });
  const limits = { caller: NO_LIMIT, host: NO_LIMIT };
  return { ...parts, ...wireClients({ fetch, clock, logger, limits }) };
}

export interface StackKey {
  readonly key: string;
  readonly headers: { readonly authorization: string };
  revoke(): Promise<void>;
}

export interface NativeStack {
  readonly url: URL;
  readonly services: Services;
  readonly store: Store;
  readonly agents: Map<string, AgentAtWork>;
  readonly workflowIds: readonly string[];
  /** A fresh organization's key, and who calls with it. */
  newCaller(): Promise<StackKey & { readonly caller: Principal; readonly organization: string }>;
  /** Another key of an organization. */
  newKey(organization: string, expiresAt?: number, scopes?: readonly Scope[]): Promise<StackKey>;
  /** Takes those of the workflows on that are named. */
  replaceWorkflows(ids: readonly string[]): Promise<void>;
  /** As when the program is stopped and started again. */
  restart(): Promise<NativeStack>;
  close(): Promise<void>;
}

/** Its agents come to `agents` when they begin, and end when a test says so. */
function defineCheckup(agents: Map<string, AgentAtWork>): DefinedWorkflow {
  const work = (context: HandlerContext<object>): Promise<{ score: number }> =>
    new Promise((resolve, reject) => {
      agents.set(context.node.id, {
        context,
        end: (output = { score: 80 }) => resolve(output),
        fail: (message) => reject(new Error(message)),
      });
    });
  const agent = (id: string, label: string) =>
    ({ id, kind: 'code', role: id, label, run: work, on_error: 'continue' }) as const;
  return defineWorkflow({
    id: 'checkup',
    name: 'Checkup',
    description: 'Two agents look around.',
    credits: 10,
    input: {
      type: 'object',
      properties: {
        depth: { type: 'integer', description: 'How deep to look', default: 1 },
        mood: { enum: ['kind', 'strict'] },
      },
    },
    output: { type: 'object', required: ['score'], properties: { score: { type: 'number' } } },
    nodes: [agent('links', 'Link Checker'), agent('seo', 'SEO Inspector')],
    result: { score: '{{ $average(nodes.*.output.score) }}' },
  });
}

const OTHERS: readonly DefinedWorkflow[] = [
  defineWorkflow({
    id: 'greet',
    name: 'Greet',
    description: 'Says hello.',
    credits: 1,
    estimated_duration: 'under 1 s',
    input: NAMED,
    output: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
    nodes: [{ id: 'hello', kind: 'transform', with: { text: 'Hello {{ input.name }}' } }],
    summary: 'Said hello to {{ input.name }}.',
  }),
  defineWorkflow({
    id: 'release',
    name: 'Release',
    description: 'Ships nothing unasked.',
    output: OBJECT,
    nodes: [
      {
        id: 'approve',
        kind: 'ask',
        question: 'Ship it?',
        answer: {
          type: 'object',
          required: ['approved'],
          properties: { approved: { type: 'boolean' }, remark: { type: 'string', maxLength: 20 } },
        },
      },
    ],
  }),
  defineWorkflow({
    id: 'fails',
    name: 'Fails',
    description: 'Cannot work.',
    nodes: [{ id: 'bad', kind: 'code', run: () => Promise.reject(new Error('the oven is cold')) }],
    output: OBJECT,
  }),
  defineWorkflow({
    id: 'words',
    name: 'Words',
    description: 'Repeats a text.',
    input: { type: 'string' },
    output: { type: 'string' },
    nodes: [{ id: 'say', kind: 'transform', with: '{{ input }}' }],
  }),
  defineWorkflow({
    id: 'tree',
    name: 'Tree',
    description: 'Gives a tree.',
    output: {
      $id: 'https://example.org/tree',
      $ref: '#/$defs/node',
      type: 'object',
      $defs: {
        node: {
          type: 'object',
          required: ['value'],
          properties: { value: { type: 'number' }, next: { $ref: '#/$defs/node' } },
        },
      },
    },
    nodes: [{ id: 'grow', kind: 'transform', with: { value: 1, next: { value: 2 } } }],
  }),
  defineWorkflow({
    id: 'hidden',
    name: 'Hidden',
    description: 'Is no tool.',
    publish: false,
    nodes: [{ id: 'a', kind: 'transform', with: { value: 1 } }],
  }),
  defineWorkflow({
    id: 'get_credits',
    name: 'Credit report',
    description: 'Has the name of a tool.',
    nodes: [{ id: 'a', kind: 'transform', with: { value: 1 } }],
    output: OBJECT,
  }),
];
