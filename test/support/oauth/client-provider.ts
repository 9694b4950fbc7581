import type { AddClientAuthentication } from '@modelcontextprotocol/client';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import type { SigningKey } from './signing-client.js';

/** What the official clients keep of a server that they sign in to, as a host keeps it. */
export class ClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadata: OAuthClientMetadata;
  readonly clientMetadataUrl?: string;
  readonly addClientAuthentication?: AddClientAuthentication;
  /** Where a person was sent to. */
  asked = '';
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = '';
  #discovery: object | undefined;

  constructor(
    params: {
      readonly clientMetadataUrl?: string;
      readonly redirectUrl?: string;
      readonly metadata?: Partial<OAuthClientMetadata>;
      /** It proves itself with it, by the document at its id. */
      readonly signing?: SigningKey;
      /** Of a client that the server knows by its settings. */
      readonly clientId?: string;
    } = {},
  ) {
    if (params.clientId !== undefined) this.#client = { client_id: params.clientId };
    this.redirectUrl = params.redirectUrl ?? 'http://127.0.0.1:51234/callback';
    if (params.clientMetadataUrl !== undefined) this.clientMetadataUrl = params.clientMetadataUrl;
    if (params.signing !== undefined) {
      this.addClientAuthentication = params.signing.authentication(params.clientMetadataUrl ?? '');
    }
    this.clientMetadata = { client_name: 'A test', redirect_uris: [this.redirectUrl], ...params.metadata };
  }

  saveDiscoveryState(state: object): void {
    this.#discovery = state;
  }

  discoveryState(): never | undefined {
    return this.#discovery as never;
  }

  state(): string {
    return 'of the host';
  }

  clientInformation(): OAuthClientInformationMixed | undefined {
    return this.#client;
  }

  saveClientInformation(client: OAuthClientInformationMixed): void {
    this.#client = client;
  }

  tokens(): OAuthTokens | undefined {
    return this.#tokens;
  }

  saveTokens(tokens: OAuthTokens): void {
    this.#tokens = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.asked = url.href;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    return this.#verifier;
  }
}
