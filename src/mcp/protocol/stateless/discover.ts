import type { JsonObject } from '../../../core/json.js';
import type { Contract } from '../../contract/contract.js';
import { FIXED_LIST } from '../../methods/list-tools.js';
import { hasResources } from '../../methods/resources.js';
import { result, type Method } from '../base/method.js';
import { REVISIONS } from '../base/revisions.js';
import { TASKS_EXTENSION } from './names.js';

export const discover: Method = {
  needsKey: () => false,
  limited: false,
  answer: (_params, { server: { contract } }) =>
    result(
      {
        supportedVersions: REVISIONS,
        capabilities: statelessCapabilities(contract),
        instructions: contract.instructions,
      },
      FIXED_LIST,
    ),
};

function statelessCapabilities(contract: Contract): JsonObject {
  const { prompts, completions, logging, tasks, changes } = contract;
  const listed = (changed: boolean | undefined): JsonObject => (changed === true ? { listChanged: true } : {});
  const subscribe: JsonObject = changes?.offers.resourceUpdates === true ? { subscribe: true } : {};
  return {
    tools: listed(changes?.offers.tools),
    ...(prompts === undefined ? {} : { prompts: listed(changes?.offers.prompts) }),
    ...(!hasResources(contract) ? {} : { resources: { ...subscribe, ...listed(changes?.offers.resources) } }),
    ...(completions === undefined ? {} : { completions: {} }),
    ...(logging === undefined ? {} : { logging: {} }),
    ...(tasks === undefined ? {} : { extensions: { [TASKS_EXTENSION]: {} } }),
  };
}
