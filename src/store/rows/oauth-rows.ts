import type { AuthorizationCode, Grant, OAuthClient, OAuthToken } from '../../core/tenant/grant.js';
import type { Scope } from '../../core/tenant/principal.js';
import { decodeText, encodeText } from './text.js';

export interface GrantRow {
  readonly id: string;
  readonly organization_id: string;
  readonly key_id: string | null;
  readonly client_id: string;
  readonly client_name: string;
  readonly client_host: string;
  readonly client_signs: number;
  readonly subject: string;
  readonly scopes: string;
  readonly resources: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
}

/** In the order of the columns. */
export function fromGrant(grant: Grant): (string | number | null)[] {
  return [
    encodeText(grant.id),
    encodeText(grant.organizationId),
    grant.keyId === null ? null : encodeText(grant.keyId),
    encodeText(grant.clientId),
    encodeText(grant.clientName),
    encodeText(grant.clientHost),
    grant.clientSigns ? 1 : 0,
    encodeText(grant.subject),
    JSON.stringify(grant.scopes),
    JSON.stringify(grant.resources),
    grant.createdAt,
    grant.expiresAt,
    grant.revokedAt,
    grant.lastUsedAt,
  ];
}

export function toGrant(row: GrantRow): Grant {
  return {
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    keyId: row.key_id === null ? null : decodeText(row.key_id),
    clientId: decodeText(row.client_id),
    clientName: decodeText(row.client_name),
    clientHost: decodeText(row.client_host),
    clientSigns: row.client_signs === 1,
    subject: decodeText(row.subject),
    scopes: JSON.parse(row.scopes) as Scope[],
    resources: JSON.parse(row.resources) as string[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}

export interface ClientRow {
  readonly id: string;
  readonly name: string;
  readonly redirect_uris: string;
  readonly created_at: number;
  readonly expires_at: number;
}

/** In the order of the columns. */
export function fromClient(client: OAuthClient): (string | number)[] {
  return [
    encodeText(client.id),
    encodeText(client.name),
    JSON.stringify(client.redirectUris),
    client.createdAt,
    client.expiresAt,
  ];
}

export function toClient(row: ClientRow): OAuthClient {
  return {
    id: decodeText(row.id),
    name: decodeText(row.name),
    redirectUris: JSON.parse(row.redirect_uris) as string[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

export interface CodeRow {
  readonly hash: string;
  readonly client_id: string;
  readonly redirect_uri: string;
  readonly challenge: string;
  readonly grant_json: string;
  readonly expires_at: number;
  readonly used_at: number | null;
}

/** In the order of the columns. */
export function fromCode(code: AuthorizationCode): (string | number | null)[] {
  return [
    encodeText(code.hash),
    encodeText(code.clientId),
    encodeText(code.redirectUri),
    encodeText(code.challenge),
    JSON.stringify(code.grant),
    code.expiresAt,
    code.usedAt,
  ];
}

export function toCode(row: CodeRow): AuthorizationCode {
  return {
    hash: decodeText(row.hash),
    clientId: decodeText(row.client_id),
    redirectUri: decodeText(row.redirect_uri),
    challenge: decodeText(row.challenge),
    grant: JSON.parse(row.grant_json) as Grant,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}

export interface TokenRow {
  readonly hash: string;
  readonly kind: OAuthToken['kind'];
  readonly grant_id: string;
  readonly organization_id: string;
  readonly client_id: string;
  readonly scopes: string;
  readonly resources: string;
  readonly expires_at: number;
  readonly used_at: number | null;
}

/** In the order of the columns. */
export function fromToken(token: OAuthToken): (string | number | null)[] {
  return [
    encodeText(token.hash),
    token.kind,
    encodeText(token.grantId),
    encodeText(token.organizationId),
    encodeText(token.clientId),
    JSON.stringify(token.scopes),
    JSON.stringify(token.resources),
    token.expiresAt,
    token.usedAt,
  ];
}

export function toToken(row: TokenRow): OAuthToken {
  return {
    hash: decodeText(row.hash),
    kind: row.kind,
    grantId: decodeText(row.grant_id),
    organizationId: decodeText(row.organization_id),
    clientId: decodeText(row.client_id),
    scopes: JSON.parse(row.scopes) as Scope[],
    resources: JSON.parse(row.resources) as string[],
    expiresAt: row.expires_at,
    usedAt: row.used_at,
  };
}
