import type { NewId } from '../../../core/ports/clock.js';
import type { AppDeps } from '../../pipeline/app-deps.js';
import type { OAuthParts } from '../../pipeline/oauth-parts.js';

export type OAuthDeps = Omit<AppDeps, 'oauth'> & { readonly newId: NewId; readonly oauth: OAuthParts };
