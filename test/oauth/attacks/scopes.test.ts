import { describe, expect, it } from 'vitest';
import { Person } from '../../support/oauth/person.js';
import { base, client, errorOf, organization, person, stack, startWaiting, setUp } from './attack-under-test.js';

setUp();

describe('more scope than was granted', () => {
  it('is not had by asking for it while refreshing', async () => {
    const tokens = await client.signIn(person, { scope: 'read' });
    expect(tokens.scope).toBe('read');
    expect(await errorOf(client.refresh(tokens.refresh_token, { scope: 'read run' }))).toBe('invalid_scope');
    expect((await client.refresh(tokens.refresh_token, { scope: 'read' })).status).toBe(200);
  });

  it('is refused by name, with all that is needed', async () => {
    const { access_token: token } = await client.signIn(person, { scope: 'read' });
    expect((await client.call(token, 'list_workflows')).status).toBe(200);
    const refused = await client.call(token, 'run_workflow', { workflow_id: 'greet', input: { name: 'Ada' } });
    expect(refused.status).toBe(403);
    const challenge = refused.headers.get('www-authenticate') ?? '';
    expect(challenge).toContain('error="insufficient_scope"');
    expect(challenge).toContain('scope="read run"');
    expect(challenge).toContain(`resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"`);
  });

  it('is given in a step of its own for answers, and is "read run" where nothing is asked for', async () => {
    const tokens = await client.signIn(person);
    expect(tokens.scope).toBe('read run');
    const { run } = await startWaiting(tokens.access_token);
    const args = { run_id: run, node_id: 'approve', answer: { approved: true } };
    const refused = await client.call(tokens.access_token, 'answer_run', args);
    expect(refused.status).toBe(403);
    const needed = /scope="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(needed).toBe('read run approve');
    const more = await client.signIn(person, { scope: needed });
    expect(more.scope).toBe(needed);
    expect((await client.call(more.access_token, 'answer_run', args)).status).toBe(200);
  });

  it('is given in a step of its own for publishing, to who may publish', async () => {
    const args = { definition: 'id: say_it' };
    const { access_token: token } = await client.signIn(person);
    const refused = await client.call(token, 'create_workflow', args);
    const needed = /scope="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect([refused.status, needed]).toEqual([403, 'read run workflows:write']);
    // The page tells a person whose key may not publish, and the client gets no more than before.
    const asked = await person.signIn(await person.open(client.authorizationUrl({ scope: needed })));
    expect(asked.html).toMatch(/It will not be able to:<\/p><ul><li>Publish workflows/);
    expect((await client.signIn(person, { scope: needed })).scope).toBe('read run');
    const { key } = await stack.newKey(organization, undefined, ['run', 'workflows:write']);
    const author = new Person(key);
    const page = await author.signIn(await author.open(client.authorizationUrl({ scope: needed })));
    expect(page.html).not.toContain('It will not be able to');
    const more = await client.signIn(author, { scope: needed });
    expect(more.scope).toBe(needed);
    expect((await client.call(more.access_token, 'create_workflow', args)).status).toBe(200);
  });

  it('never is "operate", nor more than the key has', async () => {
    const operator = await stack.newKey(organization, undefined, ['run', 'operate']);
    const tokens = await client.signIn(new Person(operator.key), { scope: 'read run manage operate' });
    expect(tokens.scope).toBe('read run');
    const reader = await stack.newKey(organization, undefined, ['read']);
    expect((await client.signIn(new Person(reader.key), { scope: 'read run manage approve' })).scope).toBe('read');
  });

  it('does not come of a sign-in with a token', async () => {
    const { access_token: token } = await client.signIn(person);
    const page = await new Person(token).signIn(await person.open(client.authorizationUrl()));
    expect(page.status).toBe(403);
  });
});
