import type { FieldSpec, NodeKind } from '../../core/handlers/node-kind.js';
import { fileBundlesOf, type NodeDefinition, type WorkflowVersion } from '../../core/workflow/definition.js';
import { findFieldHolders } from '../../workflow/check/field-holders.js';
import type { VersionName } from '../state/version-pins.js';

/** A version of a workflow, with what is to be known of it to tell whether its code is needed. */
export interface KeptVersion extends VersionName {
  readonly isNewest: boolean;
  /** The SHA-256 of the files that its handlers are in; none of those that are in the store. */
  readonly bundles: ReadonlySet<string>;
}

/**
 * Takes versions in the order of workflow and version. `isNamed` says whether a node of any of them may start a run of
 * that very version.
 */
export function describeVersions(
  listed: readonly WorkflowVersion[],
  kinds: ReadonlyMap<string, NodeKind>,
): {
  readonly versions: readonly KeptVersion[];
  readonly isNamed: (version: VersionName) => boolean;
} {
  const versions = listed.map(({ workflowId, version, handlers }, index) => ({
    workflowId,
    version,
    isNewest: listed[index + 1]?.workflowId !== workflowId,
    bundles: fileBundlesOf(Object.values(handlers)),
  }));
  const names = new Set(
    listed.flatMap(({ definition }) => definition.nodes.flatMap((node) => findNamedVersions(kinds, node))),
  );
  const isNamed = ({ workflowId, version }: VersionName): boolean =>
    [`${workflowId}@${version}`, `${workflowId}@*`, `*@${version}`, '*@*'].some((name) => names.has(name));
  return { versions, isNamed };
}

/** As `workflow@version`, where `*` stands for what an expression says. */
function findNamedVersions(kinds: ReadonlyMap<string, NodeKind>, node: NodeDefinition): string[] {
  return findFieldHolders(kinds, node).flatMap(({ specs, values }) => {
    const valueOf = (names: FieldSpec['names']): unknown => {
      const field = Object.keys(specs).find((name) => specs[name]?.names === names);
      return field === undefined ? undefined : values[field];
    };
    const version = valueOf('workflow_version');
    return version === undefined ? [] : [`${literal(valueOf('workflow'))}@${literal(version)}`];
  });
}

function literal(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && !value.includes('{{') ? value : '*';
}
