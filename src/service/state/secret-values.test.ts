import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSecretBox } from '../../auth/secret-box.js';
import type { OutboundInit } from '../../core/ports/outbound.js';
import type { Store } from '../../core/ports/store/store.js';
import { SeenSecrets } from '../../core/secrets/seen-secrets.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { SecretValues } from './secret-values.js';
import { TokenRenewal } from './token-renewal.js';

const PLACE = { organizationId: null, name: 'mail' };
const CREDENTIALS = { token_url: 'https://id.example.com/token', client_id: 'me', refresh_token: 'refresh 0' };

let folder: string;
let store: Store;
let clock: ManualClock;
/** Answers of the token endpoint, in the order in which it is asked. */
let answers: ((form: URLSearchParams) => Promise<Response>)[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-secret-values-'));
  store = await openSqliteStore({ path: ':memory:' });
  clock = new ManualClock();
  answers = [];
  const kind = 'oauth2_refresh_token' as const;
  await store.secrets.save(openProcess().seal(PLACE, { value: JSON.stringify(CREDENTIALS), kind, before: null }));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As one of several processes has them. */
function openProcess(isShared = true): SecretValues {
  const fetch = (_: unknown, init: OutboundInit = {}): Promise<Response> =>
    answers.shift()?.(new URLSearchParams(init.body as string)) ?? Promise.reject(new Error('nobody answers'));
  return new SecretValues({
    store,
    box: createSecretBox({ key: null, file: join(folder, 'key') }),
    outside: { find: async () => null },
    clock,
    seen: new SeenSecrets(),
    renewal: new TokenRenewal({ fetch, clock }),
    isShared,
  });
}

const open = async (values: SecretValues): Promise<string | undefined> =>
  (await values.open({ organizationId: 'o', names: ['mail'] })).get('mail');

const REFUSED = async (): Promise<Response> => Response.json({ error: 'invalid_grant' }, { status: 400 });

it('two processes that renew at the same moment both go on, where the refresh token is good once', async () => {
  let answerFirst: (response: Response) => void = () => undefined;
  const used: (string | null)[] = [];
  answers = [
    () => new Promise((resolve) => (answerFirst = resolve)),
    REFUSED,
    async (form) => {
      used.push(form.get('refresh_token'));
      return Response.json({ access_token: 'token no 2', refresh_token: 'refresh 2', expires_in: 600 });
    },
  ];
  const first = open(openProcess());
  await expect.poll(() => answers.length).toBe(2);
  const second = open(openProcess());
  // Refused, it waits for what the first is about to keep.
  await expect.poll(() => clock.waiting).toBe(1);
  answerFirst(Response.json({ access_token: 'token no 1', refresh_token: 'refresh 1', expires_in: 600 }));
  expect(await first).toBe('token no 1');
  await clock.advance(100);
  expect(await second).toBe('token no 2');
  expect(used).toEqual(['refresh 1']);
});

it('a refresh token that is good for nothing is refused at once where there is one process alone', async () => {
  answers = [REFUSED];
  await expect(open(openProcess(false))).rejects.toMatchObject({ kind: 'secret_unavailable', retryable: false });
});

it('a refresh token that nobody has replaced is refused after a while where there are several processes', async () => {
  answers = [REFUSED];
  let failed: unknown = null;
  void open(openProcess()).catch((error: unknown) => (failed = error));
  await expect.poll(() => clock.waiting).toBe(1);
  await expect.poll(() => clock.advance(500).then(() => failed)).not.toBeNull();
  expect(failed).toMatchObject({ kind: 'secret_unavailable', retryable: false });
});
