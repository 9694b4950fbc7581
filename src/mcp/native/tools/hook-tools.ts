import type { JsonObject } from '../../../core/json.js';
import type { HookAnswer, HookSignature } from '../../../core/hooks/hook.js';
import { HOOK_DEFAULTS, type HookFields, readHookFields } from '../../../core/hooks/hook-fields.js';
import { type HookView, renderHook } from '../../../core/render/render-hook.js';
import { shownInput } from '../views/shown-input.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import {
  CREATE_HOOK_INPUT,
  CREATE_HOOK_OUTPUT,
  DELETE_HOOK_INPUT,
  DELETE_HOOK_OUTPUT,
  LIST_HOOKS_INPUT,
  LIST_HOOKS_OUTPUT,
} from '../schemas/hook-schemas.js';

export const listHooks = defineTool<{ readonly limit?: number; readonly offset?: number }>({
  name: 'list_hooks',
  title: 'List hooks',
  description: 'Lists hooks, which let other programs start runs of workflows, and what came to each.',
  inputSchema: LIST_HOOKS_INPUT,
  outputSchema: LIST_HOOKS_OUTPUT,
  mutates: false,
  scope: 'manage',
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async ({ limit = 20, offset = 0 }, { services, caller }) => {
    const all = await services.listHooks(caller, {});
    const hooks = all.slice(offset, offset + limit).map(renderHook);
    const lines = hooks.map(
      ({ name, workflow_id, event, accepted, id }) =>
        `${name} (${workflow_id ?? event?.name ?? ''}): ${accepted} taken (${id})`,
    );
    const value = { hooks: hooks.map(toValue), total: all.length, limit, offset };
    const head = hooks.length === all.length ? `${all.length} hooks.` : `${hooks.length} of ${all.length} hooks.`;
    return { kind: 'value', value, text: [head, ...lines].join('\n') };
  },
});

interface CreateArguments extends Omit<HookFields, 'signature' | 'enabled' | 'wait_seconds'> {
  readonly signature?: HookSignature['kind'];
  readonly header?: string;
  readonly answer?: HookAnswer;
}

export const createHook = defineTool<CreateArguments>({
  name: 'create_hook',
  title: 'Create a hook',
  description:
    'Creates an address at which another program starts runs of a workflow with POST; each run has its usual cost. Whoever knows the address can use it: show it to the user alone.',
  inputSchema: CREATE_HOOK_INPUT,
  outputSchema: CREATE_HOOK_OUTPUT,
  mutates: true,
  scope: 'manage',
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: false },
  run: async ({ signature: kind = 'none', header, ...fields }, { services, caller }) => {
    const { event, workflow_id: workflowId = null } = fields;
    const name = workflowId ?? event?.name ?? '';
    const signature = { kind, ...(header === undefined ? {} : { header }) };
    const settings = { ...HOOK_DEFAULTS, name, workflowId, ...readHookFields({ ...fields, signature }) };
    const { hook, token } = await services.createHook(caller, { settings });
    const path = `/hooks/${token}`;
    const secret =
      kind === 'none' ? '' : ` It refuses deliveries until its secret is set: errand hooks set-secret ${hook.id}`;
    const text = `Created the hook ${hook.id}. Deliveries go to the server's address followed by ${path}.${secret}`;
    return { kind: 'value', value: { ...toValue(renderHook(hook)), path }, text };
  },
});

export const deleteHook = defineTool<{ readonly hook_id: string }>({
  name: 'delete_hook',
  title: 'Delete a hook',
  description: 'Deletes a hook: its address ends at once. Runs that it has started continue.',
  inputSchema: DELETE_HOOK_INPUT,
  outputSchema: DELETE_HOOK_OUTPUT,
  mutates: true,
  scope: 'manage',
  annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
  run: async ({ hook_id: hookId }, { services, caller }) => {
    await services.deleteHook(caller, { hookId });
    return { kind: 'value', value: { id: hookId, deleted: true }, text: `Deleted the hook ${hookId}.` };
  },
});

function toValue({ input, ...hook }: HookView): JsonObject {
  return { ...(hook as unknown as JsonObject), ...shownInput(input) };
}
