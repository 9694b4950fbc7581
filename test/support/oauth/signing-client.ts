import { createPrivateKeyJwtAuth, type AddClientAuthentication } from '@modelcontextprotocol/client';
import { randomUUID } from 'node:crypto';
import { exportJWK, exportPKCS8, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

/** A pair of keys with which a client proves itself (`private_key_jwt`). */
export class SigningKey {
  readonly jwk: JWK;
  readonly #private: CryptoKey;
  readonly #pem: string;

  private constructor(key: CryptoKey, pem: string, jwk: JWK) {
    this.#private = key;
    this.#pem = pem;
    this.jwk = jwk;
  }

  static async make(kid = 'one'): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' };
    return new SigningKey(privateKey, await exportPKCS8(privateKey), jwk);
  }

  /** An assertion of a client for a server; undefined leaves a claim out. */
  async assert(
    params: { readonly clientId: string; readonly audience: string },
    changed: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    const { clientId, audience } = params;
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: clientId, sub: clientId, aud: audience, jti: randomUUID(), iat: now, exp: now + 120 };
    const jwt = new SignJWT({ ...claims, ...changed }).setProtectedHeader({ alg: 'RS256', kid: String(this.jwk.kid) });
    return await jwt.sign(this.#private);
  }

  /** What has an official client sign as it asks for tokens. */
  authentication(clientId: string): AddClientAuthentication {
    return createPrivateKeyJwtAuth({ issuer: clientId, subject: clientId, privateKey: this.#pem, alg: 'RS256' });
  }
}
