import type { JsonObject } from '../../../core/json.js';
import type { Contract } from '../../contract.js';
import { result, type Method } from '../method.js';
import { HANDSHAKE_REVISIONS, type HandshakeRevision } from './revisions.js';

/** Nothing is kept of the handshake: any process answers any later request. */
export const initialize: Method = {
  needsKey: () => false,
  limited: false,
  answer: (params, { server: { contract, version } }) => {
    const asked = params['protocolVersion'];
    const revision = HANDSHAKE_REVISIONS.find((known) => known === asked) ?? HANDSHAKE_REVISIONS[0];
    return result({
      protocolVersion: revision,
      capabilities: handshakeCapabilities(contract, revision),
      serverInfo: { name: 'errand', title: 'Errand', version },
      instructions: contract.instructions,
    });
  },
};

/** Changes of lists are told to listeners of the stateless era only: here they would need a stream for each client. */
function handshakeCapabilities(contract: Contract, revision: HandshakeRevision): JsonObject {
  const { resources, prompts, completions, logging, tasks } = contract;
  return {
    tools: {},
    ...(prompts === undefined ? {} : { prompts: {} }),
    ...(resources === undefined ? {} : { resources: resources.subscriptions === undefined ? {} : { subscribe: true } }),
    ...(completions === undefined || revision === '2024-11-05' ? {} : { completions: {} }),
    ...(logging === undefined ? {} : { logging: {} }),
    ...(tasks === undefined || revision !== '2025-11-25'
      ? {}
      : { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }),
  };
}
