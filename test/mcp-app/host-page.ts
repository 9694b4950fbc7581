import { AppBridge, PostMessageTransport, type McpUiHostContext } from '@modelcontextprotocol/ext-apps/app-bridge';
import { Client, StreamableHTTPClientTransport, type CallToolResult } from '@modelcontextprotocol/client';

/**
 * A chat host in a page, made of the official parts: it calls a tool, and shows the view that the tool names in a frame
 * without an origin. The test reaches it as `window.host`.
 */
export class HostPage {
  readonly #client = new Client({ name: 'host-under-test', version: '1.0.0' });
  #bridge: AppBridge | null = null;
  readonly sizes: { width?: number; height?: number }[] = [];
  readonly called: string[] = [];

  async connect(url: string, key: string): Promise<void> {
    await this.#client.connect(
      new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${key}` } } }),
    );
  }

  /** The names of the tools that name a view. */
  async toolsWithView(uri: string): Promise<string[]> {
    const { tools } = await this.#client.listTools();
    return tools.flatMap(({ name, _meta: meta }) => (meta?.['ui/resourceUri'] === uri ? [name] : []));
  }

  async call(name: string, args: Record<string, unknown>): Promise<CallToolResult> {
    return await this.#client.callTool({ name, arguments: args });
  }

  /** Shows the view for a call and its result, as a host does when the conversation is opened. */
  async show(
    args: Record<string, unknown>,
    result: CallToolResult,
    options: {
      readonly context?: McpUiHostContext;
      readonly deny?: boolean;
      readonly serverTools?: boolean;
      readonly uri?: string;
    } = {},
  ): Promise<void> {
    const { contents } = await this.#client.readResource({ uri: options.uri ?? 'ui://errand/run' });
    const frame = document.createElement('iframe');
    frame.sandbox.add('allow-scripts', 'allow-forms');
    frame.style.cssText = 'width: 100%; height: 500px; border: 0';
    document.body.replaceChildren(frame);
    const capabilities = options.serverTools === false ? {} : { serverTools: {} };
    const hostContext = { theme: 'light', displayMode: 'inline', ...options.context } as const;
    const bridge = new AppBridge(null, { name: 'host-under-test', version: '1.0.0' }, capabilities, { hostContext });
    bridge.oncalltool = async ({ name, arguments: given = {} }) => {
      this.called.push(name);
      if (options.deny === true) throw new Error('The user said no.');
      return await this.call(name, given);
    };
    bridge.onsizechange = (size) => this.sizes.push(size);
    bridge.onrequestdisplaymode = async ({ mode }) => ({ mode });
    const ready = new Promise<void>((resolve) => {
      bridge.oninitialized = () => resolve();
    });
    const view = frame.contentWindow;
    if (view === null) throw new Error('no frame');
    await bridge.connect(new PostMessageTransport(view, view));
    const [content] = contents;
    frame.srcdoc = content !== undefined && 'text' in content ? content.text : '';
    await ready;
    await bridge.sendToolInput({ arguments: args });
    await bridge.sendToolResult(result);
    this.#bridge = bridge;
  }

  setTheme(theme: 'light' | 'dark'): void {
    this.#bridge?.setHostContext({ theme });
  }

  async teardown(): Promise<void> {
    await this.#bridge?.teardownResource({});
  }
}

Object.assign(globalThis, { host: new HostPage() });
