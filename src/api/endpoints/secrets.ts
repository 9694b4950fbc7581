import { SECRET_KINDS, type SecretKind } from '../../core/ports/secrets.js';
import { declareEndpoint } from '../endpoint.js';
import type { ApiSecret } from '../secret-types.js';
import { closed, type InOrganization, TEXT } from './fields.js';

export const listSecrets = declareEndpoint<{
  query: InOrganization;
  answer: { readonly secrets: readonly ApiSecret[] };
}>()({
  name: 'listSecrets',
  method: 'GET',
  path: '/secrets',
  summary: 'Lists the secrets of the organization and those that workflows name, without their values',
  scope: 'manage',
  query: { organization: TEXT },
});

export const setSecret = declareEndpoint<{
  body: InOrganization & {
    readonly value: string;
    readonly kind?: SecretKind;
    readonly keep_old?: boolean;
    readonly for_all?: boolean;
  };
  answer: ApiSecret;
}>()({
  name: 'setSecret',
  method: 'PUT',
  path: '/secrets/:name',
  summary: 'Sets a secret, which is kept encrypted and never sent back',
  scope: 'manage',
  body: closed(
    {
      value: { type: 'string' },
      kind: { enum: SECRET_KINDS },
      keep_old: { type: 'boolean' },
      for_all: { type: 'boolean' },
      organization: { type: 'string' },
    },
    ['value'],
  ),
  errors: ['not_found', 'not_configured'],
});

export const removeSecret = declareEndpoint<{
  query: InOrganization & { readonly for_all?: 'true' | 'false' };
  answer: null;
}>()({
  name: 'removeSecret',
  method: 'DELETE',
  path: '/secrets/:name',
  summary: 'Removes a secret that this server keeps',
  scope: 'manage',
  query: { organization: TEXT, for_all: { kind: 'choice', values: ['true', 'false'] } },
  statuses: [204],
  errors: ['not_found'],
});
