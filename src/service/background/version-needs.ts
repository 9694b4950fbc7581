import type { WorkflowVersion } from '../../core/workflow/definition.js';
import type { VersionName } from '../state/version-pins.js';

/** A version of a workflow, with what is to be known of it to tell whether its code is needed. */
export interface KeptVersion extends VersionName {
  readonly isNewest: boolean;
  /** The SHA-256 of the bundles that its handlers are in. */
  readonly bundles: ReadonlySet<string>;
}

/** Of versions in the order of workflow and version; `isNamed`: whether a `workflow` node of any of them may start a run of that very version. */
export function describeVersions(listed: readonly WorkflowVersion[]): {
  readonly versions: readonly KeptVersion[];
  readonly isNamed: (version: VersionName) => boolean;
} {
  const versions = listed.map(({ workflowId, version, handlers }, index) => ({
    workflowId,
    version,
    isNewest: listed[index + 1]?.workflowId !== workflowId,
    bundles: new Set(Object.values(handlers).flatMap((ref) => (ref.kind === 'bundle' ? [ref.bundle] : []))),
  }));
  const names = new Set<string>();
  for (const { definition } of listed) addNames(definition.nodes, names);
  const isNamed = ({ workflowId, version }: VersionName): boolean =>
    [`${workflowId}@${version}`, `${workflowId}@*`, `*@${version}`, '*@*'].some((name) => names.has(name));
  return { versions, isNamed };
}

/** As `workflow@version`, where `*` stands for what an expression says. */
function addNames(value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const { kind, workflow, version } = value as { readonly [field: string]: unknown };
  if (kind === 'workflow' && version !== undefined) names.add(`${literal(workflow)}@${literal(version)}`);
  for (const inner of Object.values(value)) addNames(inner, names);
}

function literal(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && !value.includes('{{') ? value : '*';
}
