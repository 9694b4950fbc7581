import type { Authorization } from '../interface/authorization.js';
import { approve } from './approve.js';
import type { GrantDeps } from './deps.js';
import { exchangeCode } from './exchange-code.js';
import { issueForKey } from './issue-for-key.js';
import { issueForPerson } from './issue-for-person.js';
import { refreshAccess } from './refresh-access.js';
import { registerClient } from './register-client.js';
import { revokeToken } from './revoke-token.js';
import { describePerson, describeSignIn, enterConsole, leaveConsole } from './sign-in.js';
import { useAssertion } from './use-assertion.js';

export function createAuthorization(deps: GrantDeps): Authorization {
  return {
    registerClient: (params) => registerClient(deps, params),
    getClient: async (params) => {
      const client = await deps.store.oauth.getClient(params);
      return client === null || client.expiresAt <= deps.clock.now() ? null : client;
    },
    describeSignIn: (caller) => describeSignIn(deps, caller),
    describePerson: (person) => describePerson(deps, person),
    enterConsole: (person) => enterConsole(deps, person),
    leaveConsole: (caller) => leaveConsole(deps, caller),
    approve: (signIn, asked) => approve(deps, signIn, asked),
    exchangeCode: (params) => exchangeCode(deps, params),
    refreshAccess: (params) => refreshAccess(deps, params),
    issueForKey: (caller, params) => issueForKey(deps, caller, params),
    issueForPerson: (caller, params) => issueForPerson(deps, caller, params),
    useAssertion: (params) => useAssertion(deps, params),
    revokeToken: (params) => revokeToken(deps, params),
  };
}
