import assert from 'node:assert/strict';
import { vi } from 'vitest';
import { outputFaults, type ContractFile } from './contract-schemas.js';

export type Fields = Record<string, unknown>;

export interface RpcReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    readonly id?: unknown;
    readonly result?: Fields;
    readonly error?: { readonly code: number; readonly message: string; readonly data: Fields };
  };
}

/** A published contract of a running server, over HTTP and held to its schemas. */
export class RealContract {
  readonly #contract: ContractFile;
  readonly url: string;
  readonly #key: string;

  constructor(params: { readonly contract: ContractFile; readonly url: string; readonly key: string }) {
    this.#contract = params.contract;
    this.url = params.url;
    this.#key = params.key;
  }

  /** As whoever has that key, or with none when it is null. */
  async rpc(method: string, params: object | null = null, key: string | null = this.#key): Promise<RpcReply> {
    const message = { jsonrpc: '2.0', id: 7, method, ...(params === null ? {} : { params }) };
    return await this.send(JSON.stringify(message), key);
  }

  async send(text: string, key: string | null = this.#key): Promise<RpcReply> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      },
      body: text,
    });
    const { status, headers } = response;
    const answer = await response.text();
    return { status, headers, text: answer, body: answer === '' ? {} : (JSON.parse(answer) as RpcReply['body']) };
  }

  async tool(name: string, args: object = {}, key: string | null = this.#key): Promise<RpcReply> {
    return await this.rpc('tools/call', { name, arguments: args }, key);
  }

  /** What a tool gives, which fits the contract. */
  async give(name: string, args: object = {}, key: string | null = this.#key): Promise<Fields> {
    const { status, body } = await this.tool(name, args, key);
    assert.deepEqual([status, body.error, body.result?.['isError'] ?? false], [200, undefined, false]);
    const value = valueOf(body.result);
    assert.deepEqual(outputFaults(this.#contract, name, value), []);
    return value;
  }

  /** Asks until `isWanted`, as clients poll. */
  async until(name: string, args: object, isWanted: (value: Fields) => boolean): Promise<Fields> {
    const poll = async (): Promise<Fields> => {
      const value = await this.give(name, args);
      assert.ok(isWanted(value), `${name} gives ${JSON.stringify(value)}`);
      return value;
    };
    return await vi.waitFor(poll, { timeout: 10_000 });
  }
}

export function valueOf(result: Fields | undefined): Fields {
  const [first] = (result?.['content'] ?? []) as readonly { readonly type: string; readonly text: string }[];
  assert.equal(first?.type, 'text');
  return JSON.parse(first?.text ?? '') as Fields;
}
