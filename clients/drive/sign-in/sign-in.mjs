// A person who signs in: opens the page that a client names, gives the key, and goes back to the client.
import { loadTypeScript } from '../../../test/support/load-typescript.mjs';
import { server } from '../drive-tools.mjs';

const { Person } = await loadTypeScript(new URL('../../../test/support/oauth/person.ts', import.meta.url));

/** From the address that a client opens to the one that it is called back at. */
export async function consent(authorizationUrl) {
  return await new Person(server.key).consent(authorizationUrl);
}
