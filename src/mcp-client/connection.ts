import { unlessAborted } from '../core/abortable.js';
import { nextTurn } from '../core/event-loop.js';
import { cutText } from '../core/text/cut-text.js';
import { Client, type CallToolResult, type jsonSchemaValidator, type Tool } from '@modelcontextprotocol/client';
import type { Problem } from '../core/errors.js';
import type { Json, JsonSchema } from '../core/json.js';
import type { Clock } from '../core/ports/clock.js';
import type { Logger } from '../core/ports/logger.js';
import type { McpServerConfig } from '../core/ports/mcp-servers-config.js';
import type { OutboundFetch } from '../core/ports/outbound.js';
import { NodeFailure } from '../core/handlers/node-kind.js';
import type { Environment } from './environment.js';
import { openTransport } from './open-transport.js';
import { createRedactor } from './secrets.js';
import { breaksConnection, mayHaveBeenDone, toFailure, wasNotTaken } from './to-failure.js';
import { mayBeRepeated } from './tool-names.js';

/** What is wrong with a value by a schema that another server has written. */
export type CheckBySchema = (schema: JsonSchema, value: Json) => Promise<readonly Problem[]>;

export interface ConnectionOptions {
  readonly name: string;
  readonly config: McpServerConfig;
  readonly env: Environment;
  readonly fetch: OutboundFetch;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly check: CheckBySchema;
  /** Our own, which servers are told. */
  readonly version: string;
  /** What is known of the server, for all connections to it. */
  readonly known: KnownServer;
  /** Called when it has not been used for a while, and was closed. */
  readonly onIdle: () => void;
}

export interface KnownServer {
  /** Whether it speaks a revision of the older era. */
  isLegacy: boolean;
}

/** Whose work it is, and how long the server may take for each answer. */
export interface CallLimits {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

export interface McpToolCall extends CallLimits {
  readonly tool: string;
  readonly arguments: { readonly [name: string]: unknown };
  /** Sent along as `_meta`. */
  readonly meta?: { readonly [name: string]: unknown };
  /** What the server may take for the call without a sign of life. */
  readonly silenceMs: number;
  readonly onProgress: (told: { progress: number; total?: number | undefined; message?: string | undefined }) => void;
}

/** An open connection; there is at most one at a time. */
interface Link {
  readonly client: Client;
  readonly leave: () => Promise<void>;
  /** What the server offers, asked for once; null when it said that this has changed. */
  tools: Promise<readonly Tool[]> | null;
}

const IDLE_MS = 5 * 60_000;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
const LEAVE_MS = 1_000;
/** A server of the older era may not answer at all to what asks for the newer one. */
const PROBE_MS = 10_000;
/** The client's timers are Node's, which hold no longer wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The client's own would take as long as the schemas and patterns of other servers make it take, in this thread. */
const ACCEPT_ANYTHING: jsonSchemaValidator = {
  getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
};

/**
 * The connection to one server: opened for the first call, shared by all, opened again for the next call after it
 * broke, and closed when nobody has called for a while. After it could not be opened, calls fail at once for a while
 * that doubles each time.
 */
export class McpConnection {
  readonly #options: ConnectionOptions;
  readonly #told: string;
  readonly #redact: (text: string) => string;
  #opening: Promise<Link> | null = null;
  #link: Link | null = null;
  #failures = 0;
  #notBefore = 0;
  #calls = 0;
  #stopIdling: (() => void) | null = null;
  #isRetired = false;
  #lastLine = '';

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#told = `The MCP server ${JSON.stringify(options.name)}`;
    this.#redact = createRedactor(options.config, options.env);
  }

  /** Every tool there is. With `fresh`, what was known before is asked for again. */
  async list(params: CallLimits & { readonly fresh?: boolean }): Promise<readonly Tool[]> {
    const { signal, timeoutMs, fresh = false } = params;
    return this.#use(params, (link) => unlessAborted(signal, this.#toolsOf(link, timeoutMs, fresh)));
  }

  async call(call: McpToolCall): Promise<CallToolResult> {
    const { tool, signal, timeoutMs } = call;
    return this.#use(call, async (link) => {
      const tools = await unlessAborted(signal, this.#toolsOf(link, timeoutMs, false));
      const timeout = Math.min(call.silenceMs, MAX_TIMER_MS);
      try {
        const result = await link.client.callTool(
          { name: tool, arguments: call.arguments, ...(call.meta === undefined ? {} : { _meta: call.meta }) },
          { signal, timeout, resetTimeoutOnProgress: true, onprogress: call.onProgress },
        );
        // To read a large result takes its time, and so does what comes next.
        await nextTurn();
        await this.#checkResult(
          result,
          tools.find(({ name }) => name === tool),
        );
        return result;
      } catch (thrown) {
        if (!mayHaveBeenDone(thrown) || mayBeRepeated(tools.find(({ name }) => name === tool))) throw thrown;
        const { kind, message } = toFailure(thrown, this.#told, this.#redact);
        const told = `${message}; the tool ${JSON.stringify(tool)} may have done its work, and is not to be called twice`;
        throw new NodeFailure(told, { kind, retryable: false, cause: thrown });
      }
    });
  }

  /** Results are held to the schemas of the tools that the server told of. */
  async #checkResult({ structuredContent, isError }: CallToolResult, tool: Tool | undefined): Promise<void> {
    const schema = tool?.outputSchema as JsonSchema | undefined;
    if (schema === undefined || structuredContent === undefined || isError === true) return;
    const problems = await this.#options.check(schema, structuredContent as Json);
    if (problems.length === 0) return;
    const told = cutText(problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; '), 1_000);
    const message = `${this.#told} gave structured content that does not fit the output schema of its tool ${JSON.stringify(tool?.name)}: ${told}`;
    throw new NodeFailure(message, { kind: 'mcp_error', retryable: false });
  }

  /** True when no call is under way. */
  get isIdle(): boolean {
    return this.#calls === 0;
  }

  /** Closes when the calls under way have ended, or else at once; it must not be called any more. */
  async close(options: { readonly whenIdle?: boolean } = {}): Promise<void> {
    this.#isRetired = true;
    if (options.whenIdle === true && this.#calls > 0) return;
    this.#stopIdling?.();
    const link = this.#link ?? (await this.#opening?.catch(() => null)) ?? null;
    if (link !== null) await this.#drop(link);
  }

  async #use<T>(limits: CallLimits, work: (link: Link) => Promise<T>): Promise<T> {
    this.#calls += 1;
    this.#stopIdling?.();
    this.#stopIdling = null;
    try {
      return await this.#attempt(limits, work, true);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#idle();
    }
  }

  async #attempt<T>(limits: CallLimits, work: (link: Link) => Promise<T>, again: boolean): Promise<T> {
    const { signal } = limits;
    const link = await unlessAborted(signal, this.#open(limits.timeoutMs));
    try {
      return await work(link);
    } catch (thrown) {
      if (breaksConnection(thrown) && !signal.aborted) void this.#drop(link);
      if (signal.aborted) throw signal.reason;
      if (again && wasNotTaken(thrown)) return this.#attempt(limits, work, false);
      throw toFailure(thrown, this.#told, this.#redact);
    }
  }

  #open(timeoutMs: number): Promise<Link> {
    if (this.#link !== null) return Promise.resolve(this.#link);
    this.#opening ??= this.#openNow(timeoutMs).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openNow(timeoutMs: number): Promise<Link> {
    const { clock, logger, name } = this.#options;
    const wait = this.#notBefore - clock.now();
    if (wait > 0) {
      const message = `${this.#told} could not be opened a moment ago, and is not tried again for ${Math.ceil(wait / 1_000)} s`;
      throw new NodeFailure(message, { kind: 'mcp_unavailable', retryAfterMs: wait });
    }
    try {
      const link = await this.#connect(timeoutMs);
      this.#failures = 0;
      logger.info({ server: name }, 'An MCP server was connected');
      return link;
    } catch (thrown) {
      const backoff = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#notBefore = clock.now() + backoff;
      const failure = this.#openFailure(thrown, backoff);
      const said = this.#lastLine === '' ? {} : { said: this.#lastLine.slice(0, 300) };
      logger.warn({ server: name, error: failure.message, ...said }, 'An MCP server could not be connected');
      throw failure;
    }
  }

  async #connect(timeoutMs: number): Promise<Link> {
    const { config, env, fetch, version, logger, name, known } = this.#options;
    this.#lastLine = '';
    const { transport, leave } = openTransport({
      config,
      env,
      fetch,
      onLine: (line) => {
        this.#lastLine = this.#redact(line);
        logger.debug({ server: name }, this.#lastLine);
      },
    });
    const client = new Client(
      { name: 'errand', version },
      {
        jsonSchemaValidator: ACCEPT_ANYTHING,
        versionNegotiation: { mode: 'auto', probe: { timeoutMs: Math.min(PROBE_MS, timeoutMs) } },
        listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => void (link.tools = null) } },
      },
    );
    const link: Link = { client, leave, tools: null };
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the client has no other
    client.onerror = (error) => logger.debug({ server: name }, this.#redact(error.message));
    // Once it is known, an older server is not asked again: over stdio that takes a process of its own.
    const prior = known.isLegacy ? { prior: { kind: 'legacy' as const } } : {};
    try {
      await client.connect(transport, { timeout: timeoutMs, ...prior });
    } catch (thrown) {
      await client.close().catch(() => undefined);
      throw thrown;
    }
    known.isLegacy = client.getProtocolEra() === 'legacy';
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the client has no other
    client.onclose = () => {
      if (this.#link !== link) return;
      this.#link = null;
      logger.warn({ server: name }, 'The connection to an MCP server ended; the next call opens it again');
    };
    this.#link = link;
    return link;
  }

  #openFailure(thrown: unknown, retryAfterMs: number): NodeFailure {
    const failure = toFailure(thrown, this.#told, this.#redact);
    const { config } = this.#options;
    if (config.transport === 'http') {
      return new NodeFailure(failure.message, { kind: 'mcp_unavailable', retryable: failure.retryable, retryAfterMs });
    }
    const reason = cutText(this.#redact(thrown instanceof Error ? thrown.message : String(thrown)), 500);
    return new NodeFailure(
      `${this.#told} could not be started: ${reason}${this.#lastLine === '' ? '' : '; the log has what it said'}`,
      {
        kind: 'mcp_unavailable',
        retryAfterMs,
        cause: thrown,
      },
    );
  }

  #toolsOf(link: Link, timeoutMs: number, fresh: boolean): Promise<readonly Tool[]> {
    if (fresh) link.tools = null;
    if (link.tools !== null) return link.tools;
    const asked = link.client
      .listTools(undefined, { timeout: timeoutMs, cacheMode: 'refresh' })
      .then(({ tools }) => tools);
    link.tools = asked;
    asked.catch(() => {
      if (link.tools === asked) link.tools = null;
    });
    return asked;
  }

  #idle(): void {
    const { clock, onIdle } = this.#options;
    if (this.#isRetired) void this.close();
    else {
      this.#stopIdling = clock.schedule(IDLE_MS, () => {
        if (this.#calls > 0) return;
        if (this.#link !== null) void this.#drop(this.#link);
        onIdle();
      });
    }
  }

  async #drop(link: Link): Promise<void> {
    if (this.#link === link) this.#link = null;
    let undo = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      undo = this.#options.clock.schedule(LEAVE_MS, resolve);
    });
    await Promise.race([link.leave().catch(() => undefined), late]);
    undo();
    await link.client.close().catch(() => undefined);
  }
}
