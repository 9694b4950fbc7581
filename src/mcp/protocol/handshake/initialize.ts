import type { JsonObject } from '../../../core/json.js';
import type { Contract } from '../../contract/contract.js';
import { hasResources } from '../../methods/resources.js';
import { result, type Method } from '../base/method.js';
import { HANDSHAKE_REVISIONS, type HandshakeRevision } from '../base/handshake-revisions.js';

/** Nothing is kept of the handshake, so every process can answer later requests. */
export const initialize: Method = {
  needsKey: () => false,
  limited: false,
  answer: (params, { server: { contract, serverInfo } }) => {
    const asked = params['protocolVersion'];
    const revision = HANDSHAKE_REVISIONS.find((known) => known === asked) ?? HANDSHAKE_REVISIONS[0];
    return result({
      protocolVersion: revision,
      capabilities: handshakeCapabilities(contract, revision),
      serverInfo,
      instructions: contract.instructions,
    });
  },
};

function handshakeCapabilities(contract: Contract, revision: HandshakeRevision): JsonObject {
  const { resources, prompts, completions, logging, tasks, changes } = contract;
  const listed = (changed: boolean | undefined): JsonObject => (changed === true ? { listChanged: true } : {});
  const subscribe: JsonObject = resources?.subscriptions === undefined ? {} : { subscribe: true };
  return {
    tools: listed(changes?.offers.tools),
    ...(prompts === undefined ? {} : { prompts: listed(changes?.offers.prompts) }),
    ...(!hasResources(contract) ? {} : { resources: { ...subscribe, ...listed(changes?.offers.resources) } }),
    ...(completions === undefined || revision === '2024-11-05' ? {} : { completions: {} }),
    ...(logging === undefined ? {} : { logging: {} }),
    ...(tasks === undefined || revision !== '2025-11-25'
      ? {}
      : { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }),
  };
}
