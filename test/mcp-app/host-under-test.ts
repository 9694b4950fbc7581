import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { openConsole, openPage, type ConsoleUnderTest } from '../console/console-under-test.js';
import { KEY } from '../support/server/server-process.js';
import { serveHost } from './serve-host.js';

declare const host: { connect(url: string, key: string): Promise<void> };

/** A page of a chat host, connected to the server. */
export interface OpenHost {
  readonly page: Page;
  readonly faults: string[];
  close(): Promise<void>;
}

/** A real server, a browser, and pages of a chat host. */
export class HostUnderTest {
  readonly under: ConsoleUnderTest;
  readonly #pages: Server;

  private constructor(under: ConsoleUnderTest, pages: Server) {
    this.under = under;
    this.#pages = pages;
  }

  /** As `serveHost` has them. */
  static async start(...page: Parameters<typeof serveHost>): Promise<HostUnderTest> {
    return new HostUnderTest(await openConsole(), await serveHost(...page));
  }

  async open(): Promise<OpenHost> {
    const { server, browser } = this.under;
    const context = await browser.newContext({ viewport: { width: 700, height: 800 } });
    const { page, faults } = await openPage(context, [new URL(server.url).host]);
    await page.goto(`http://127.0.0.1:${(this.#pages.address() as AddressInfo).port}/`);
    await page.evaluate(([url, key]) => host.connect(url, key), [`${server.url}/mcp`, KEY] as const);
    return { page, faults, close: () => context.close() };
  }

  async close(): Promise<void> {
    this.#pages.close();
    await this.under.close();
  }
}
