/** What is taken of workflows that come over the API. More is refused. */
export const AUTHORING_LIMITS = {
  /** Characters of the JSON of one definition, and of the text that it is written in. */
  definition: 262_144,
  /** How many levels deep lists and objects in a definition are nested. */
  depth: 64,
  nodes: 500,
  /**
   * In one node without the nodes that it holds, or in one field of the workflow beside its nodes, which is checked and
   * planned in one turn of the event loop: objects, each of which may be a schema that is compiled, expressions, and
   * patterns in schemas.
   */
  objects: 1_500,
  expressions: 250,
  patterns: 200,
  /** Characters of one of these, and dots in an expression: to read a path takes time by the square of its steps. */
  expression: 20_000,
  dots: 1_000,
  /** Workflows in one publication. */
  workflows: 200,
  /** Characters of code in one bundle of handlers, and bundles in one publication. */
  bundle: 2_097_152,
  bundles: 50,
  /** Workflows of its own that an organization has published, and versions of them that are kept. */
  published: 200,
  versions: 10_000,
  /** Characters of all those versions. */
  kept: 67_108_864,
  /** Drafts of an organization, and of those for all. */
  drafts: 200,
} as const;
