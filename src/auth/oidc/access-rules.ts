import { withIncluded, type Scope } from '../../core/tenant/principal.js';

/** Roles, and what who has them can grant. */
const ROLES: { readonly [role: string]: readonly Scope[] } = {
  read: ['read'],
  run: withIncluded(['run']),
  approve: withIncluded(['run', 'approve']),
  manage: withIncluded(['approve', 'workflows:write', 'manage']),
};

/** Who has this claim is of that organization, in that role. */
export interface AccessRule {
  readonly claim: string;
  /** `*`: any. */
  readonly value: string;
  /** Its slug. */
  readonly organization: string;
  readonly scopes: readonly Scope[];
}

const RULE = /^([\w:./-]+)=([^=]+)->([\w-]+):(\w+)$/;

/** Of `groups=staff->acme:run`; null when it is no rule. */
export function parseAccessRule(text: string): AccessRule | null {
  const [, claim, value, organization, role = ''] = RULE.exec(text) ?? [];
  const scopes = Object.hasOwn(ROLES, role) ? ROLES[role] : undefined;
  if (claim === undefined || value === undefined || organization === undefined || scopes === undefined) return null;
  return { claim, value: value.trim(), organization, scopes };
}

/** The first rule that fits: a claim that is the value, or that lists it. Null when none does. */
export function findAccess(
  rules: readonly AccessRule[],
  claims: { readonly [name: string]: unknown },
): AccessRule | null {
  return rules.find(({ claim, value }) => holds(claims[claim], value)) ?? null;
}

function holds(claim: unknown, value: string): boolean {
  if (Array.isArray(claim)) return claim.some((each) => holds(each, value));
  if (typeof claim !== 'string' && typeof claim !== 'number' && typeof claim !== 'boolean') return false;
  return value === '*' ? String(claim) !== '' : String(claim) === value;
}
