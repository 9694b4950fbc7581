import type {
  Publication,
  PublicationStore,
  PublishedBundle,
  PublishedWorkflow,
  PublishVersionsParams,
} from '../../../../core/ports/store/workflows/publication-store.js';
import {
  findChanges,
  fromBundleRow,
  fromPublicationRow,
  fromPublishedRow,
  publicationOwner,
  toBundleRow,
  toPublicationRow,
  type BundleRow,
  type PublicationRow,
  type PublishedRow,
} from '../../../rows/workflows/publication-rows.js';
import { encodeText } from '../../../rows/text.js';
import { first, type Sql } from '../../connection/sql.js';

/** Until the transaction ends, nobody else publishes: numbers are seen in their order. */
const LOCK = 'SELECT pg_advisory_xact_lock(731057518, 0)';
const INSERT = `
  INSERT INTO workflow_publications (number, organization_id, at, key_id, changes) VALUES ($1, $2, $3, $4, $5)`;
const UPSERT = `
  INSERT INTO published_workflows (organization_id, workflow_id, version) VALUES ($1, $2, $3)
  ON CONFLICT (organization_id, workflow_id) DO UPDATE SET version = excluded.version`;
const DELETE = 'DELETE FROM published_workflows WHERE organization_id = $1 AND workflow_id = $2';
const LATEST = 'SELECT coalesce(max(number), 0) AS number FROM workflow_publications';
const OF_OWNER = 'SELECT * FROM published_workflows WHERE organization_id = $1';
const LIST_PUBLISHED = 'SELECT * FROM published_workflows ORDER BY organization_id, workflow_id';
const LIST = `
  SELECT * FROM workflow_publications WHERE organization_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3`;
const GET = 'SELECT * FROM workflow_publications WHERE organization_id = $1 AND number = $2';
const INSERT_BUNDLE = `
  INSERT INTO workflow_bundles (sha, code, packages, at) VALUES ($1, $2, $3, $4) ON CONFLICT (sha) DO NOTHING`;
const FIND_BUNDLES = 'SELECT sha FROM workflow_bundles WHERE sha = ANY($1)';

type Params<Method extends keyof PublicationStore> = Parameters<PublicationStore[Method]>[0];

export const publicationsTable = {
  /** In a transaction. */
  async publish(sql: Sql, params: PublishVersionsParams): Promise<Publication> {
    await sql.all(LOCK);
    const { organizationId, at, keyId } = params;
    const owner = publicationOwner(organizationId);
    const changes = findChanges(params, (await sql.all(OF_OWNER, [owner])) as PublishedRow[]);
    const publication = { number: (await publicationsTable.latest(sql)) + 1, organizationId, at, keyId, changes };
    const row = toPublicationRow(publication);
    await sql.run(INSERT, [row.number, row.organization_id, row.at, row.key_id, row.changes]);
    for (const { workflowId, after } of changes)
      if (after === null) await sql.run(DELETE, [owner, encodeText(workflowId)]);
      else await sql.run(UPSERT, [owner, encodeText(workflowId), after]);
    return publication;
  },

  async latest(sql: Sql): Promise<number> {
    return ((await first(sql, LATEST, [])) as { readonly number: number }).number;
  },

  async listPublished(sql: Sql): Promise<PublishedWorkflow[]> {
    return ((await sql.all(LIST_PUBLISHED)) as PublishedRow[]).map(fromPublishedRow);
  },

  async list(sql: Sql, { organizationId, limit, before }: Params<'list'>): Promise<Publication[]> {
    const values = [publicationOwner(organizationId), before ?? Number.MAX_SAFE_INTEGER, limit];
    return ((await sql.all(LIST, values)) as PublicationRow[]).map(fromPublicationRow);
  },

  async get(sql: Sql, { organizationId, number }: Params<'get'>): Promise<Publication | null> {
    const row = (await first(sql, GET, [publicationOwner(organizationId), number])) as PublicationRow | undefined;
    return row === undefined ? null : fromPublicationRow(row);
  },

  async saveBundle(sql: Sql, bundle: PublishedBundle): Promise<void> {
    const { sha, code, packages, at } = toBundleRow(bundle);
    await sql.run(INSERT_BUNDLE, [sha, code, packages, at]);
  },

  async getBundle(sql: Sql, { sha }: Params<'getBundle'>): Promise<PublishedBundle | null> {
    const row = await first(sql, 'SELECT * FROM workflow_bundles WHERE sha = $1', [encodeText(sha)]);
    return row === undefined ? null : fromBundleRow(row as BundleRow);
  },

  async findBundles(sql: Sql, { shas }: Params<'findBundles'>): Promise<string[]> {
    return ((await sql.all(FIND_BUNDLES, [shas])) as Pick<BundleRow, 'sha'>[]).map(({ sha }) => sha);
  },
};
