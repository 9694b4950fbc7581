import { ErrandError } from '../../core/errors.js';
import type { ApiKey } from '../../core/tenant/api-key.js';
import { jsonColumn, plainColumn, rowForm, textColumn } from './columns.js';

export const keyRow = rowForm<ApiKey>({
  hash: textColumn('hash'),
  id: textColumn('id'),
  organizationId: textColumn('organization_id'),
  name: textColumn('name'),
  hint: textColumn('hint'),
  scopes: jsonColumn('scopes'),
  createdAt: plainColumn('created_at'),
  expiresAt: plainColumn('expires_at'),
  revokedAt: plainColumn('revoked_at'),
  lastUsedAt: plainColumn('last_used_at'),
});

/** `reason`: which column has the value already. */
export function keyConflict(reason: 'hash' | 'id', cause: Error): ErrandError {
  return new ErrandError('conflict', 'There is a key like this one already.', { details: { reason }, cause });
}
