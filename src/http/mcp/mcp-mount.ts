import type { NewId } from '../../core/ports/clock.js';
import type { ErrandError } from '../../core/errors.js';
import type { WindowUsage } from '../../core/ports/rate-limiter.js';
import type { Principal } from '../../core/tenant/principal.js';
import { tellMoment } from '../../core/time/moment.js';
import { toPublicError } from '../../mcp/tool-kit/to-public-error.js';
import { createMcpServer, type McpReply, type McpServer } from '../../mcp/mcp-server.js';
import { isStatelessRevision } from '../../mcp/protocol/base/stateless-revisions.js';
import { DEFAULT_MAX_BODY_BYTES, type AppDeps } from '../pipeline/app-deps.js';
import { challengeTo, isChallenge } from '../pipeline/bearer-challenge.js';
import { checkJsonType } from '../pipeline/content-type.js';
import { allowedMethods, refuseMethod, type RouteHandler, type Routes } from '../pipeline/routes.js';
import { ERROR_STATUS } from '../transport/error-status.js';
import type { Exchange, HeaderFields } from '../transport/exchange.js';
import { addressOf } from '../pipeline/client-address.js';
import { retryHeaders, sendEmpty, sendJson, sendJsonInTurns } from '../transport/replies.js';
import { requestLife, type RequestLife } from '../transport/request-life.js';
import { sendStream } from '../transport/send-stream.js';
import { toolCatalog } from './discovery.js';
import type { Mount } from './mounts.js';

interface MountContext {
  readonly mount: Mount;
  /** The address of the mount as it was typed. */
  readonly resource: string;
  readonly server: McpServer;
  readonly deps: AppDeps & { readonly newId: NewId };
  /** The JSON text of what GET shows; null when it shows nothing. */
  readonly catalog: string | null;
}

/** What is possible for who asks for what GET does not have. */
const POST_ONLY = allowedMethods({ POST: true });

/**
 * MCP over HTTP without sessions: POST a message, get its answer as JSON, or as a stream where there is something to
 * tell before it.
 */
export function addMcpMount(routes: Routes, mount: Mount, deps: AppDeps & { readonly newId: NewId }): void {
  const { contract } = mount;
  const signsIn = deps.oauth !== undefined && mount.keysOnly !== true;
  const server = createMcpServer({ contract, ...deps, signsIn });
  const catalog = mount.catalog ? JSON.stringify(toolCatalog(contract, deps.version)) : null;
  const hasGet = mount.catalog || contract.changes !== undefined;
  for (const resource of [mount.path, `${mount.path}/`]) {
    const context: MountContext = { mount, resource, server, deps, catalog };
    const POST: RouteHandler = (exchange) => answerPost(exchange, context);
    const GET: RouteHandler = (exchange) => answerGet(exchange, context);
    routes.add(resource, hasGet ? { GET, POST } : { POST }, { resource, fast: true });
  }
}

async function answerPost(exchange: Exchange, context: MountContext): Promise<void> {
  const { server, deps } = context;
  let text: string;
  try {
    checkJsonType(exchange.header('content-type'));
    text = await exchange.readText(deps.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  } catch (thrown) {
    return await refuseBody(exchange, toPublicError(thrown, deps), context);
  }
  const life = requestLife(exchange);
  const reply = await server.handle({
    text,
    revision: exchange.header('mcp-protocol-version') ?? null,
    headers: (name) => exchange.header(name),
    streams: takesStreams(exchange),
    authenticate: () => authenticate(exchange, context),
    ...(context.mount.keysOnly === true
      ? {}
      : { challengeOf: (error: ErrandError) => challenge(exchange, error, context)['www-authenticate'] ?? '' }),
    ...(context.mount.contract.limitsMutations ? { tellUsage: (usage) => exchange.addFields(usageFields(usage)) } : {}),
    signal: life.signal,
  });
  return respond(exchange, reply, life, context);
}

function authenticate(exchange: Exchange, context: MountContext): Promise<Principal> {
  const { mount, deps } = context;
  const from = addressOf(exchange, deps.isTrustedProxy ?? nobody);
  return deps.authenticate(exchange.header('authorization'), mount.path, from);
}

const nobody = (): boolean => false;

function usageFields({ limit, remaining, resetAt }: WindowUsage): HeaderFields {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': tellMoment(resetAt),
  };
}

function respond(exchange: Exchange, reply: McpReply, life: RequestLife, context: MountContext): void | Promise<void> {
  if (reply.kind === 'stream') {
    const { clock } = context.deps;
    return sendStream(exchange, { items: reply.messages, toText: messageText, clock }).finally(life.end);
  }
  life.end();
  return sendReply(exchange, reply, context);
}

function messageText(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}

/** Clients must list both types; what takes anything, or does not say, takes this too. */
function takesStreams(exchange: Exchange): boolean {
  const accept = exchange.header('accept');
  return accept === undefined || accept.includes('text/event-stream') || accept.includes('*/*');
}

/** Who has no key learns nothing but that, where every message needs one. */
async function refuseBody(exchange: Exchange, error: ErrandError, context: MountContext): Promise<void> {
  refuse(exchange, (await findMissingKey(exchange, context)) ?? error, context);
}

function refuse(exchange: Exchange, error: ErrandError, context: MountContext): void {
  sendRefused(exchange, context.server.refuse(error, null), error, context);
}

/** Null where there is a key, or none is needed for everything. */
async function findMissingKey(exchange: Exchange, context: MountContext): Promise<ErrandError | null> {
  const { mount, deps } = context;
  if (mount.contract.keyFor !== 'every_message') return null;
  return authenticate(exchange, context).then(
    () => null,
    (thrown: unknown) => toPublicError(thrown, deps),
  );
}

type PlainReply = Exclude<McpReply, { kind: 'stream' }>;

function sendReply(exchange: Exchange, reply: PlainReply, context: MountContext): void | Promise<void> {
  if (reply.kind === 'none') {
    const stateless = isStatelessRevision(exchange.header('mcp-protocol-version'));
    return sendEmpty(exchange, stateless ? 202 : context.mount.acceptedStatus);
  }
  if (reply.refusal === null) return sendJsonInTurns(exchange, reply.text);
  if (reply.refusal === 'bad_request') return sendJson(exchange, reply.text, 400);
  if (reply.refusal === 'unknown_method') return sendJson(exchange, reply.text, 404);
  return sendRefused(exchange, reply.text, reply.refusal, context);
}

function sendRefused(exchange: Exchange, text: string, error: ErrandError, context: MountContext): void {
  const headers = isChallenge(error) ? challenge(exchange, error, context) : retryHeaders(error);
  sendJson(exchange, text, ERROR_STATUS[error.code], headers);
}

function challenge(exchange: Exchange, error: ErrandError, { mount, resource, deps }: MountContext): HeaderFields {
  const signIn = deps.oauth !== undefined;
  return challengeTo(exchange, {
    publicUrl: deps.publicUrl,
    resource,
    error,
    keysOnly: mount.keysOnly === true,
    signIn,
  });
}

/**
 * An MCP client asks for an event stream here, whatever else it takes; a catalog in its place would look like one that
 * broke. HEAD is how Gemini CLI looks for what a 401 says of signing in.
 */
async function answerGet(exchange: Exchange, context: MountContext): Promise<void> {
  const { catalog } = context;
  if (exchange.method === 'HEAD') {
    const refusal = await findMissingKey(exchange, context);
    if (refusal !== null) return refuse(exchange, refusal, context);
    if (asksForStream(exchange)) return refuseMethod(exchange, POST_ONLY);
  }
  if (asksForStream(exchange)) return await listen(exchange, context);
  return catalog === null ? refuseMethod(exchange, POST_ONLY) : sendJson(exchange, catalog);
}

async function listen(exchange: Exchange, context: MountContext): Promise<void> {
  const { server } = context;
  const life = requestLife(exchange);
  const reply = await server.listen({
    revision: exchange.header('mcp-protocol-version') ?? null,
    authenticate: () => authenticate(exchange, context),
    signal: life.signal,
  });
  return reply === null ? refuseMethod(exchange, POST_ONLY) : respond(exchange, reply, life, context);
}

function asksForStream(exchange: Exchange): boolean {
  return (exchange.header('accept') ?? '').toLowerCase().includes('text/event-stream');
}
