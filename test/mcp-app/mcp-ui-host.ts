import { AppRenderer } from '@mcp-ui/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';

/** A chat host in a page, made of `@mcp-ui/client`, which finds the view by the tool's name. */
export class McpUiHost {
  readonly #client = new Client({ name: 'mcp-ui-under-test', version: '1.0.0' });
  #root: Root | null = null;
  readonly faults: string[] = [];
  readonly sizes: { width?: number; height?: number }[] = [];

  async connect(url: string, key: string): Promise<void> {
    await this.#client.connect(
      new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${key}` } } }),
    );
  }

  /** Calls a tool, and shows its view as the host does. `deny`: what the view asks for is refused. */
  async show(
    toolName: string,
    toolInput: Record<string, unknown>,
    { theme = 'light', deny = false }: { readonly theme?: 'light' | 'dark'; readonly deny?: boolean } = {},
  ): Promise<void> {
    const toolResult = (await this.#client.callTool({ name: toolName, arguments: toolInput })) as CallToolResult;
    this.#root?.unmount();
    const place = document.createElement('div');
    document.body.replaceChildren(place);
    this.#root = createRoot(place);
    this.#root.render(
      createElement(AppRenderer, {
        toolName,
        toolInput,
        toolResult,
        sandbox: { url: new URL('/sandbox.html', location.href) },
        hostContext: { theme },
        onError: (error: Error) => this.faults.push(error.message),
        onSizeChanged: (size: { width?: number; height?: number }) => this.sizes.push(size),
        ...(deny ? await this.#denying() : { client: this.#client }),
      }),
    );
  }

  /** A host that asks its user, who refuses. */
  async #denying() {
    const { contents } = await this.#client.readResource({ uri: 'ui://errand/run' });
    const [content] = contents;
    return {
      html: content !== undefined && 'text' in content ? content.text : '',
      hostCapabilities: { serverTools: {} },
      onCallTool: () => Promise.reject(new Error('The user said no.')),
    };
  }

  /** Takes the view away. */
  close(): void {
    this.#root?.unmount();
    this.#root = null;
  }
}

Object.assign(globalThis, { host: new McpUiHost() });
