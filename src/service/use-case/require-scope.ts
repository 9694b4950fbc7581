import { ErrandError } from '../../core/errors.js';
import { hasScope, withIncluded, type Principal, type Scope } from '../../core/tenant/principal.js';

export function requireScope(caller: Principal, scope: Scope): void {
  if (hasScope(caller, scope)) return;
  if (caller.isGrant === true && scope !== 'operate') {
    // RFC 6750, section 3.1: all that the client is to ask for, so that it keeps what it has.
    const needed = withIncluded([...caller.scopes, scope]).join(' ');
    const message = `This sign-in does not cover the scope "${scope}". Sign in again with the scopes ${needed}.`;
    throw new ErrandError('forbidden', message, { details: { needed_scope: needed } });
  }
  throw new ErrandError('forbidden', `This key lacks the scope "${scope}". Ask the operator for a key that has it.`);
}
