import type { Hono } from 'hono';
import type { ErrandError } from '../core/errors.js';
import type { NewId } from '../core/clock.js';
import { hideInternals } from '../mcp/hide-internals.js';
import { createMcpServer, type McpReply, type McpServer } from '../mcp/mcp-server.js';
import { isStatelessRevision } from '../mcp/protocol/stateless/revisions.js';
import type { AppDeps, HttpContext, HttpEnv } from './app-deps.js';
import { protectedResourceMetadataUrl, toolCatalog } from './discovery.js';
import { ERROR_STATUS } from './error-status.js';
import { DEFAULT_MAX_BODY_BYTES, readBody } from './middleware/body-limit.js';
import { checkContentType } from './middleware/content-type.js';
import { messageStream } from './message-stream.js';
import type { Mount } from './mounts.js';
import { requestLife, type RequestLife } from './request-life.js';
import {
  emptyResponse,
  eventStreamResponse,
  jsonResponse,
  jsonTextResponse,
  retryHeaders,
  type HeaderFields,
} from './responses.js';
import { addRoute, allowedMethods, methodNotAllowed, type Handler } from './route.js';

interface MountContext {
  readonly mount: Mount;
  readonly server: McpServer;
  readonly deps: AppDeps & { readonly newId: NewId };
}

/** MCP over HTTP without sessions: POST a message, get its answer as JSON, or as a stream where there is something to tell before it. */
export function addMcpMount(app: Hono<HttpEnv>, mount: Mount, deps: AppDeps & { readonly newId: NewId }): void {
  const server = createMcpServer({ contract: mount.contract, ...deps });
  const post: Handler = (c) => answerPost(c, { mount, server, deps });
  const get = mount.catalog || mount.contract.changes !== undefined;
  const handlers = get ? { GET: answerGet({ mount, server, deps }), POST: post } : { POST: post };
  addRoute(app, mount.path, handlers);
  addRoute(app, `${mount.path}/`, handlers);
}

async function answerPost(c: HttpContext, context: MountContext): Promise<Response> {
  const { server, deps } = context;
  const authenticate = () => deps.authenticate(c.req.header('authorization'));
  let text: string;
  try {
    checkContentType(c);
    text = await readBody(c, deps.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  } catch (thrown) {
    return await refuseBody(c, hideInternals(thrown, deps), context);
  }
  const life = requestLife(c);
  const reply = await server.handle({
    text,
    revision: c.req.header('mcp-protocol-version') ?? null,
    headers: (name) => c.req.header(name),
    streams: takesStreams(c),
    authenticate,
    signal: life.signal,
  });
  return respond(c, reply, life, context);
}

function respond(c: HttpContext, reply: McpReply, life: RequestLife, context: MountContext): Response {
  if (reply.kind === 'stream') {
    return eventStreamResponse(messageStream(reply.messages, { clock: context.deps.clock, done: life.end }));
  }
  life.end();
  return toResponse(c, reply, context);
}

/** Clients must list both types; what takes anything, or does not say, takes this too. */
function takesStreams(c: HttpContext): boolean {
  const accept = c.req.header('accept');
  return accept === undefined || accept.includes('text/event-stream') || accept.includes('*/*');
}

/** Who has no key learns nothing but that, where every message needs one. */
async function refuseBody(
  c: HttpContext,
  error: ErrandError,
  { mount, server, deps }: MountContext,
): Promise<Response> {
  let refusal = error;
  if (mount.contract.keyFor === 'every_message') {
    await deps.authenticate(c.req.header('authorization')).catch((thrown: unknown) => {
      refusal = hideInternals(thrown, deps);
    });
  }
  return refused(c, server.refuse(refusal, null), refusal, mount, deps);
}

type PlainReply = Exclude<McpReply, { kind: 'stream' }>;

function toResponse(c: HttpContext, reply: PlainReply, { mount, deps }: MountContext): Response {
  if (reply.kind === 'none') {
    const stateless = isStatelessRevision(c.req.header('mcp-protocol-version'));
    return emptyResponse(stateless ? 202 : mount.acceptedStatus);
  }
  if (reply.refusal === null) return jsonTextResponse(reply.text);
  if (reply.refusal === 'bad_request') return jsonTextResponse(reply.text, 400);
  if (reply.refusal === 'unknown_method') return jsonTextResponse(reply.text, 404);
  return refused(c, reply.text, reply.refusal, mount, deps);
}

function refused(c: HttpContext, text: string, error: ErrandError, mount: Mount, deps: AppDeps): Response {
  const headers = error.code === 'unauthenticated' ? challenge(c, mount, deps) : retryHeaders(error);
  return jsonTextResponse(text, ERROR_STATUS[error.code], headers);
}

/** RFC 9728, section 5.1. */
function challenge(c: HttpContext, mount: Mount, deps: AppDeps): HeaderFields {
  const metadata = protectedResourceMetadataUrl(c, c.req.path.endsWith('/') ? `${mount.path}/` : mount.path, deps);
  const error = c.req.header('authorization') === undefined ? '' : ', error="invalid_token"';
  return { 'www-authenticate': `Bearer resource_metadata="${metadata}"${error}` };
}

/** An MCP client asks for nothing but an event stream here; a catalog in its place would look like one that broke. */
function answerGet(context: MountContext): Handler {
  const { mount, deps } = context;
  const allow = allowedMethods({ POST: () => emptyResponse(204) });
  const catalog = mount.catalog ? toolCatalog(mount.contract, deps.version) : null;
  return async (c) => {
    if (asksForStreamOnly(c)) return (await listen(c, context)) ?? methodNotAllowed(c, allow);
    return catalog === null ? methodNotAllowed(c, allow) : jsonResponse(catalog);
  };
}

async function listen(c: HttpContext, context: MountContext): Promise<Response | null> {
  const { server, deps } = context;
  if (c.req.method !== 'GET') return null;
  const life = requestLife(c);
  const reply = await server.listen({
    revision: c.req.header('mcp-protocol-version') ?? null,
    authenticate: () => deps.authenticate(c.req.header('authorization')),
    signal: life.signal,
  });
  return reply === null ? null : respond(c, reply, life, context);
}

function asksForStreamOnly(c: HttpContext): boolean {
  const types = (c.req.header('accept') ?? '').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase() ?? '');
  return types.length > 0 && types.every((type) => type === 'text/event-stream');
}
