import type { OAuthClient } from '../../core/tenant/grant.js';
import type { Principal, Scope } from '../../core/tenant/principal.js';

/** What the authorization server does with grants, codes and tokens. Its HTTP side is `http/oauth`. */
export interface Authorization {
  /** Throws `unavailable` when as many have registered as are kept. */
  registerClient(params: Pick<OAuthClient, 'name' | 'redirectUris'>): Promise<OAuthClient>;
  /** Null for one that never registered, and for one that has expired. */
  getClient(params: { readonly id: string }): Promise<OAuthClient | null>;
  /** Who signs in with a key, and what they can grant. Throws `forbidden` when that is nothing. */
  describeSignIn(caller: Principal): Promise<SignInView>;
  /** The same for a person. Throws `forbidden` when there is no such organization. */
  describePerson(person: VouchedPerson): Promise<SignInView>;
  /** Has a person come in to the console. Throws `forbidden` when there is no such organization. */
  enterConsole(person: VouchedPerson): Promise<Principal>;
  /** Ends that for whoever signs out. */
  leaveConsole(caller: Principal): Promise<void>;
  /** Records what was consented to. Throws `unauthenticated` when the key has ended meanwhile. */
  approve(signIn: SignIn, asked: AskedGrant): Promise<{ readonly code: string }>;
  exchangeCode(params: ExchangeCodeParams): Promise<TokenAnswer>;
  refreshAccess(params: RefreshParams): Promise<TokenAnswer>;
  /**
   * For a program that has a key and wants a token in its place. Throws `unauthenticated` when the key has ended
   * meanwhile.
   */
  issueForKey(caller: Principal, params: IssueForKeyParams): Promise<TokenAnswer>;
  /** For a client with a key whose person an identity provider vouches for, once for each assertion. */
  issueForPerson(caller: Principal, params: IssueForPersonParams): Promise<TokenAnswer>;
  /** Notes that a client's assertion was used; false when it was before. */
  useAssertion(params: UseAssertionParams): Promise<boolean>;
  /** Ends the grant that the token stands for, if the client has such a token. */
  revokeToken(params: { readonly token: string; readonly clientId: string }): Promise<void>;
}

/** What a client asks for, checked. */
export interface AskedGrant {
  readonly clientId: string;
  readonly clientName: string;
  readonly clientHost: string;
  readonly clientSigns: boolean;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly scopes: readonly Scope[];
  readonly resources: readonly string[];
}

export interface ExchangeCodeParams {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string | null;
  readonly verifier: string;
  /** Whether the client has proved itself with its key. */
  readonly isSigned: boolean;
  /** Null: all that were granted. */
  readonly resources: readonly string[] | null;
}

export interface RefreshParams {
  readonly refreshToken: string;
  readonly clientId: string;
  /** Whether the client has proved itself with its key. */
  readonly isSigned: boolean;
  /** Null: all that were granted. */
  readonly scopes: readonly Scope[] | null;
  readonly resources: readonly string[] | null;
}

export interface IssueForKeyParams {
  readonly scopes: readonly Scope[];
  readonly resources: readonly string[];
}

export interface IssueForPersonParams extends IssueForKeyParams {
  readonly person: VouchedPerson;
  /** By which a second use of the assertion is known. */
  readonly assertionId: string;
  /** Epoch milliseconds. */
  readonly assertionExpiresAt: number;
}

export interface UseAssertionParams {
  readonly clientId: string;
  /** As its client gave it. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export type TokenAnswer =
  | {
      readonly kind: 'tokens';
      readonly accessToken: string;
      /** Null where the client can ask again as it did. */
      readonly refreshToken: string | null;
      readonly expiresInSeconds: number;
      readonly scopes: readonly Scope[];
    }
  | {
      readonly kind: 'refused';
      readonly error: 'invalid_client' | 'invalid_grant' | 'invalid_scope' | 'invalid_target';
      readonly message: string;
    };

/** Who signs in: whoever has a key of an organization, or a person whom somebody else vouches for. */
export type SignIn =
  | { readonly kind: 'key'; readonly organizationId: string; readonly keyId: string }
  | {
      readonly kind: 'person';
      readonly organizationId: string;
      readonly subject: string;
      readonly scopes: readonly Scope[];
    };

export interface SignInView {
  readonly signIn: SignIn;
  readonly organizationName: string;
  /** For people: `key sk_live_Ab3d`. */
  readonly subject: string;
  /** What they can grant. */
  readonly scopes: readonly Scope[];
}

/** Somebody whom an identity provider vouches for. */
export interface VouchedPerson {
  readonly subject: string;
  /** The slug of their organization. */
  readonly organization: string;
  readonly scopes: readonly Scope[];
}
