import type { Problem } from '../../core/errors.js';
import { type HookSettings, MAX_HOOK_TEMPLATE } from '../../core/hooks/hook.js';
import type { Json } from '../../core/json.js';
import type { Isolation } from '../../core/ports/isolation.js';
import { findDashes } from '../check/check-expressions.js';
import type { ExpressionScope, Template } from '../plan/plan.js';
import { didYouMean } from '../schema/did-you-mean.js';
import { findReferences } from '../template/references.js';
import { parseCondition, parseTemplate, type ParsedTemplate } from '../template/template.js';

/** What the templates of a hook see. */
const ROOTS = ['body', 'headers', 'query', 'body_hash', 'organization'];

export type HookTemplateFields = Pick<HookSettings, 'input' | 'when' | 'deliveryId' | 'event'>;

export interface HookTemplates {
  readonly input: Template;
  /** Evaluates to true or false. */
  readonly when: Template | null;
  readonly deliveryId: Template | null;
  /** Of an event. */
  readonly key: Template | null;
}

/** What the scope of a hook's templates is made of. */
export type HookScope = Required<Pick<ExpressionScope, 'body' | 'headers' | 'query' | 'body_hash' | 'organization'>>;

/** `settings` are without problems. */
export function compileHookTemplates(settings: HookTemplateFields, isolation: Isolation | null): HookTemplates {
  const { input, when, deliveryId, key } = parseAll(settings, isolation);
  const templateOf = (parsed: ParsedTemplate | null): Template | null => parsed?.template ?? null;
  return { input: input.template, when: templateOf(when), deliveryId: templateOf(deliveryId), key: templateOf(key) };
}

/** What is wrong with the templates, by the names of the REST API's fields. */
export function findTemplateProblems(settings: HookTemplateFields): Problem[] {
  const { input, when, deliveryId, event } = settings;
  if (JSON.stringify([input, when, deliveryId, event]).length > MAX_HOOK_TEMPLATE)
    return [{ path: '/input', message: `must have at most ${MAX_HOOK_TEMPLATE} characters of JSON` }];
  const parsed = parseAll(settings, null);
  return [
    ...problemsOf('/input', parsed.input),
    ...problemsOf('/when', parsed.when),
    ...problemsOf('/delivery_id', parsed.deliveryId),
    ...problemsOf('/event/key', parsed.key),
  ];
}

export async function evaluateForHook(template: Template, scope: HookScope): Promise<Json> {
  return template.evaluate({ ...scope, input: null, nodes: {}, run: NO_RUN });
}

const NO_RUN = { id: '', workflowId: '', workflowVersion: 0, createdAt: '' };

function parseAll({ input, when, deliveryId, event }: HookTemplateFields, isolation: Isolation | null) {
  return {
    input: parseTemplate(input, isolation),
    when: when === null ? null : parseCondition(when, isolation),
    deliveryId: deliveryId === null ? null : parseTemplate(deliveryId, isolation),
    key: event === null || event.key === null ? null : parseTemplate(event.key, isolation),
  };
}

function problemsOf(field: string, parsed: ParsedTemplate | null): Problem[] {
  if (parsed === null) return [];
  const faults = parsed.faults.map(({ path, message }) => ({ path: pointer(field, path), message }));
  const misread = parsed.uses.flatMap(({ path, expression }) => {
    const unknown = [...findReferences(expression).roots].filter((root) => !ROOTS.includes(root));
    const messages = [
      ...unknown.map(
        (root) => `looks up "${root}", but a hook's templates see only ${ROOTS.join(', ')}${didYouMean(root, ROOTS)}`,
      ),
      ...findDashes(expression.ast, ROOTS),
    ];
    return messages.map((message) => ({ path: pointer(field, path), message }));
  });
  return [...faults, ...misread];
}

function pointer(field: string, path: readonly (string | number)[]): string {
  return [field, ...path.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}
