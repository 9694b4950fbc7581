/**
 * What a key or a grant may do:
 * `read`: list workflows and runs, read runs and credits, all in its organization;
 * `run`: start, cancel, retry and repeat runs, and `read`;
 * `approve`: answer what runs ask people; a key that has `run` may do that without it;
 * `workflows:write`: publish workflows of its organization, and take them back; a key that has `manage` may do that
 * without it;
 * `manage`: make, list and revoke keys and grants of its organization;
 * `operate`: make organizations, set their credits, and do the above in any of them. Keys only.
 */
export const SCOPES = ['read', 'run', 'approve', 'workflows:write', 'manage', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who is calling. The organization comes from here and from nowhere else. */
export interface Principal {
  readonly organizationId: string;
  /** The key's id, or the grant's. Null for calls from within the process (the library). */
  readonly keyId: string | null;
  readonly scopes: readonly Scope[];
  /** When the key or token expires, in epoch milliseconds; absent: never. */
  readonly expiresAt?: number;
  /** The address that the call came from; absent for calls from within, and over stdio. */
  readonly from?: string | undefined;
  /** Set for who calls with an access token, which stands for a person's grant to a client. */
  readonly isGrant?: true;
}

export function hasScope({ scopes, isGrant }: Pick<Principal, 'scopes' | 'isGrant'>, scope: Scope): boolean {
  if (scopes.includes(scope)) return true;
  // Keys could read and answer with `run` before there were scopes for that.
  if (scopes.includes('run') && (scope === 'read' || (scope === 'approve' && isGrant !== true))) return true;
  return scope === 'workflows:write' && scopes.includes('manage') && isGrant !== true;
}

/** What a client can be granted: never `operate`. */
export const GRANTABLE_SCOPES = [
  'read',
  'run',
  'approve',
  'workflows:write',
  'manage',
] as const satisfies readonly Scope[];

const INCLUDED: { readonly [S in Scope]: readonly Scope[] } = {
  read: [],
  run: ['read'],
  approve: ['read'],
  'workflows:write': ['read'],
  manage: ['read', 'run'],
  operate: [],
};

/** These and what they include, in the order of `SCOPES`. */
export function withIncluded(scopes: readonly Scope[]): readonly Scope[] {
  const all = new Set(scopes.flatMap((scope) => [scope, ...INCLUDED[scope]]));
  return SCOPES.filter((scope) => all.has(scope));
}
