import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How far a renewal has come, and the use of what it gave. */
export type Place = 'asked' | 'given' | 'answered' | 'used';

/**
 * An authorization server that gives a new refresh token with each access token, and the API that takes those. What was
 * given stands even if nobody heard of it, as it does with real ones.
 */
export class TokenEndpoint {
  /** A refresh token that was used turns off all that came of it. Else the one before is taken once more. */
  isStrict = false;
  /** Nothing goes on there until it has resolved. */
  onReach: (place: Place, grant: string) => Promise<void> | void = () => undefined;
  readonly #server: Server;
  #url = '';
  #count = 0;
  #refreshTokens: { latest: string; before: string | null } | null = null;
  readonly #accessTokens = new Set<string>();
  /** Those that the API got. */
  readonly used: string[] = [];
  refusals = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(
        ({ status, body, grant }) => {
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body), () => {
            if (grant !== null) void this.onReach('answered', grant);
          });
        },
        () => response.destroy(),
      );
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return this.#url;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** As somebody who signs in gets it. */
  signIn(): string {
    const latest = this.#next('refresh');
    this.#refreshTokens = { latest, before: null };
    return latest;
  }

  #next(what: string): string {
    this.#count += 1;
    return `${what}-canary-${this.#count}-Zk8Vd`;
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: object; grant: string | null }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== '/token') return this.#use(request);
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    const grant = form.get('grant_type') ?? '';
    await this.onReach('asked', grant);
    const next = grant === 'refresh_token' ? this.#rotate(form.get('refresh_token') ?? '') : {};
    if (next === null) return { status: 400, body: { error: 'invalid_grant' }, grant };
    const token = this.#next('token');
    this.#accessTokens.add(token);
    await this.onReach('given', grant);
    // Each run is to ask for one of its own.
    return { status: 200, body: { access_token: token, expires_in: 0.01, ...next }, grant };
  }

  #rotate(used: string): { readonly refresh_token: string } | null {
    const { latest, before } = this.#refreshTokens ?? {};
    const isGood = used === latest || (!this.isStrict && used === before);
    if (!isGood) {
      this.refusals += 1;
      this.#refreshTokens = null;
      return null;
    }
    const next = this.#next('refresh');
    this.#refreshTokens = { latest: next, before: used === latest ? used : null };
    return { refresh_token: next };
  }

  async #use({ headers }: IncomingMessage): Promise<{ status: number; body: object; grant: null }> {
    const token = String(headers.authorization).replace('Bearer ', '');
    this.used.push(token);
    await this.onReach('used', String(headers['x-grant']));
    return { status: this.#accessTokens.has(token) ? 200 : 401, body: { you: token }, grant: null };
  }
}
