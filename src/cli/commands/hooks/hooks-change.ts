import { createHook, deleteHook, rotateHookAddress, setHookSecret, updateHook } from '../../../api/endpoints/hooks.js';
import type { ApiHookFields } from '../../../api/hook-types.js';
import { HOOK_ANSWERS, HOOK_SIGNATURES } from '../../../core/hooks/hook.js';
import type { Json } from '../../../core/json.js';
import { parseJson } from '../../../core/text/parse-json.js';
import type { CliContext } from '../../command/cli-context.js';
import { type CliCommand, type GivenOptions, optional } from '../../command/command.js';
import { readAll } from '../../command/read-input.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';

const ID = [{ name: '<id>', description: "the hook's id, as `errand hooks` lists it" }];
const EXAMPLE_ID = '0190b0c2-7f3a-7abc-8def-0123456789ab';

const organizationOf = (given: GivenOptions) => optional('organization', given.text('organization'));

export const hooksCreateCommand: CliCommand = {
  name: 'hooks create',
  summary: 'Let others start runs of a workflow; prints the address for them, once',
  details:
    'A secret that deliveries are signed with is asked for, or read from standard input: arguments can be seen by other ' +
    'users of the machine. The templates are those of workflows; they read body, headers and query.',
  arguments: [{ name: '[workflow]', description: "the workflow's id; without it, --event" }],
  options: [
    { flags: '--name <name>', description: 'what people call it (default: the workflow)' },
    { flags: '--event <name>', description: 'send this event to the runs that wait for it' },
    { flags: '--key <template>', description: "the event's key" },
    { flags: '--signature <kind>', description: 'how deliveries are signed (default: none)', choices: HOOK_SIGNATURES },
    { flags: '--header <name>', description: 'the header with the signature or token, for hmac and token' },
    { flags: '--input <template>', description: 'makes the input (default: {{ body }}); JSON, or one template' },
    { flags: '--when <condition>', description: 'only deliveries for which this holds start a run' },
    { flags: '--delivery-id <template>', description: 'what tells deliveries apart' },
    { flags: '--answer <how>', description: "the run's id at once, or its result", choices: HOOK_ANSWERS },
    organizationOption,
  ],
  examples: [
    'errand hooks create site_checkup',
    'errand hooks create review_push --signature github --input \'{"repository": "{{ body.repository.full_name }}"}\'',
  ],
  async run(context, given) {
    const kind = HOOK_SIGNATURES.find((each) => each === given.text('signature')) ?? 'none';
    const secret = kind === 'none' ? undefined : await readSecret(context, 'Secret that deliveries are signed with: ');
    const hook = await context.client().call(createHook, {
      body: {
        ...readTarget(given),
        signature: { kind, ...optional('header', given.text('header')) },
        ...optional('secret', secret),
        ...optional('name', given.text('name')),
        ...optional('input', readTemplate(given.text('input'))),
        ...optional('when', given.text('when')),
        ...optional('delivery_id', given.text('deliveryId')),
        ...optional(
          'answer',
          HOOK_ANSWERS.find((each) => each === given.text('answer')),
        ),
        ...organizationOf(given),
      },
    });
    if (context.json) context.printJson(hook);
    else {
      context.note(`Made the hook ${hook.id}. Its address is not shown again:`);
      context.print(hook.url);
    }
    return EXIT.ok;
  },
};

export const hooksDisableCommand: CliCommand = {
  name: 'hooks disable',
  summary: 'Take nothing until it is enabled again',
  arguments: ID,
  options: [organizationOption],
  examples: [`errand hooks disable ${EXAMPLE_ID}`],
  run: (context, given) => enable(context, given, false),
};

export const hooksEnableCommand: CliCommand = {
  name: 'hooks enable',
  summary: 'Take deliveries again',
  arguments: ID,
  options: [organizationOption],
  examples: [`errand hooks enable ${EXAMPLE_ID}`],
  run: (context, given) => enable(context, given, true),
};

export const hooksDeleteCommand: CliCommand = {
  name: 'hooks delete',
  summary: 'Delete a hook; runs that it has started go on',
  arguments: ID,
  options: [organizationOption],
  examples: [`errand hooks delete ${EXAMPLE_ID}`],
  async run(context, given) {
    const id = given.argument(0);
    await context.client().call(deleteHook, { path: { id }, query: organizationOf(given) });
    if (context.json) context.printJson({ id, deleted: true });
    else context.print(`Deleted the hook ${id}.`);
    return EXIT.ok;
  },
};

export const hooksRotateCommand: CliCommand = {
  name: 'hooks rotate',
  summary: 'Give a hook another address, and end the one before at once; prints the new one, once',
  arguments: ID,
  options: [organizationOption],
  examples: [`errand hooks rotate ${EXAMPLE_ID}`],
  async run(context, given) {
    const path = { id: given.argument(0) };
    const hook = await context.client().call(rotateHookAddress, { path, body: organizationOf(given) });
    if (context.json) context.printJson(hook);
    else context.print(hook.url);
    return EXIT.ok;
  },
};

export const hooksSetSecretCommand: CliCommand = {
  name: 'hooks set-secret',
  summary: 'Set the secret that deliveries are signed with; for a day the one before counts too',
  details: 'The secret is asked for, or read from standard input. It is kept encrypted, and never shown.',
  arguments: ID,
  options: [
    { flags: '--keep-old <seconds>', description: 'how long the one before counts too (default: 86400)' },
    organizationOption,
  ],
  examples: [`errand hooks set-secret ${EXAMPLE_ID}`],
  async run(context, given) {
    const seconds = given.text('keepOld');
    if (seconds !== undefined && !/^\d+$/.test(seconds))
      throw new UsageError(`--keep-old '${seconds}' is no number of seconds.`);
    const hook = await context.client().call(setHookSecret, {
      path: { id: given.argument(0) },
      body: {
        secret: await readSecret(context, 'Secret that deliveries are signed with: '),
        ...optional('keep_old_for_seconds', seconds === undefined ? undefined : Number(seconds)),
        ...organizationOf(given),
      },
    });
    if (context.json) context.printJson(hook);
    else context.print(`The hook ${hook.name} has another secret.`);
    return EXIT.ok;
  },
};

async function enable(context: CliContext, given: GivenOptions, enabled: boolean): Promise<number> {
  const body = { enabled, ...organizationOf(given) };
  const hook = await context.client().call(updateHook, { path: { id: given.argument(0) }, body });
  if (context.json) context.printJson(hook);
  else context.print(`The hook ${hook.name} is ${enabled ? 'enabled' : 'disabled'}.`);
  return EXIT.ok;
}

async function readSecret({ io }: CliContext, prompt: string): Promise<string> {
  const isAsked = io.readSecret !== undefined && io.readSecret !== null;
  const secret = (isAsked ? await io.readSecret(prompt) : await readAll(io.stdin)).replace(/\r?\n$/, '');
  if (secret === '') throw new UsageError('no secret was given: type it, or pipe it in.');
  return secret;
}

function readTarget(given: GivenOptions): Pick<ApiHookFields, 'workflow_id' | 'event'> {
  const [workflow, event] = [given.argument(0), given.text('event')];
  if ((workflow === '') === (event === undefined))
    throw new UsageError('Name a workflow, or an event: --event <name>.');
  return event === undefined
    ? { workflow_id: workflow }
    : { event: { name: event, ...optional('key', given.text('key')) } };
}

/** JSON where it is some; else one template. */
function readTemplate(text: string | undefined): Json | undefined {
  if (text === undefined) return undefined;
  const parsed = parseJson(text);
  return parsed.kind === 'json' ? parsed.json : text;
}
