/** An access token for whoever has the key, as a program gets one (docs/oauth.md). */
export async function tokenFor({ url, key }) {
  const listed = await fetch(`${url}/api/v1/keys`, { headers: { authorization: `Bearer ${key}` } });
  const { keys } = await listed.json();
  const [{ id }] = keys;
  const answer = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: `${url}/mcp` }),
  });
  const { access_token: token, ...rest } = await answer.json();
  if (token === undefined) throw new Error(`There is no token for the key: ${JSON.stringify(rest)}`);
  return token;
}
