import type { AuthorizationCode, Grant, OAuthClient, OAuthToken } from '../../core/tenant/grant.js';
import { flagColumn, jsonColumn, optionalTextColumn, plainColumn, rowForm, textColumn } from './columns.js';

export const grantRow = rowForm<Grant>({
  id: textColumn('id'),
  organizationId: textColumn('organization_id'),
  keyId: optionalTextColumn('key_id'),
  clientId: textColumn('client_id'),
  clientName: textColumn('client_name'),
  clientHost: textColumn('client_host'),
  clientSigns: flagColumn('client_signs'),
  subject: textColumn('subject'),
  scopes: jsonColumn('scopes'),
  resources: jsonColumn('resources'),
  createdAt: plainColumn('created_at'),
  expiresAt: plainColumn('expires_at'),
  revokedAt: plainColumn('revoked_at'),
  lastUsedAt: plainColumn('last_used_at'),
});

export const clientRow = rowForm<OAuthClient>({
  id: textColumn('id'),
  name: textColumn('name'),
  redirectUris: jsonColumn('redirect_uris'),
  createdAt: plainColumn('created_at'),
  expiresAt: plainColumn('expires_at'),
});

export const codeRow = rowForm<AuthorizationCode>({
  hash: textColumn('hash'),
  clientId: textColumn('client_id'),
  redirectUri: textColumn('redirect_uri'),
  challenge: textColumn('challenge'),
  grant: jsonColumn('grant_json'),
  expiresAt: plainColumn('expires_at'),
  usedAt: plainColumn('used_at'),
});

export const tokenRow = rowForm<OAuthToken>({
  hash: textColumn('hash'),
  kind: plainColumn('kind'),
  grantId: textColumn('grant_id'),
  organizationId: textColumn('organization_id'),
  clientId: textColumn('client_id'),
  scopes: jsonColumn('scopes'),
  resources: jsonColumn('resources'),
  expiresAt: plainColumn('expires_at'),
  usedAt: plainColumn('used_at'),
});
