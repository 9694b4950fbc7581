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
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const INSERT =
  'INSERT INTO workflow_publications (number, organization_id, at, key_id, changes) VALUES (?, ?, ?, ?, ?)';
const UPSERT = `
  INSERT INTO published_workflows (organization_id, workflow_id, version) VALUES (?, ?, ?)
  ON CONFLICT (organization_id, workflow_id) DO UPDATE SET version = excluded.version`;
const DELETE = 'DELETE FROM published_workflows WHERE organization_id = ? AND workflow_id = ?';
const LATEST = 'SELECT max(number) AS number FROM workflow_publications';
const OF_OWNER = 'SELECT * FROM published_workflows WHERE organization_id = ?';
const LIST_PUBLISHED = 'SELECT * FROM published_workflows ORDER BY organization_id, workflow_id';
const LIST = `
  SELECT * FROM workflow_publications WHERE organization_id = ? AND number < ? ORDER BY number DESC LIMIT ?`;
const GET = 'SELECT * FROM workflow_publications WHERE organization_id = ? AND number = ?';
const INSERT_BUNDLE = `
  INSERT INTO workflow_bundles (sha, code, packages, at) VALUES (?, ?, ?, ?) ON CONFLICT (sha) DO NOTHING`;
const FIND_BUNDLES = 'SELECT sha FROM workflow_bundles WHERE sha IN (SELECT value FROM json_each(?))';

type Params<Method extends keyof PublicationStore> = Parameters<PublicationStore[Method]>[0];

export class PublicationsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  publish(params: PublishVersionsParams): Publication {
    const { organizationId, at, keyId } = params;
    const owner = publicationOwner(organizationId);
    const changes = findChanges(params, this.#db.all(OF_OWNER, owner) as PublishedRow[]);
    const publication = { number: this.latest() + 1, organizationId, at, keyId, changes };
    const row = toPublicationRow(publication);
    this.#db.run(INSERT, row.number, row.organization_id, row.at, row.key_id, row.changes);
    for (const { workflowId, after } of changes)
      if (after === null) this.#db.run(DELETE, owner, encodeText(workflowId));
      else this.#db.run(UPSERT, owner, encodeText(workflowId), after);
    return publication;
  }

  latest(): number {
    return (this.#db.get(LATEST) as { readonly number: number | null }).number ?? 0;
  }

  listPublished(): PublishedWorkflow[] {
    return (this.#db.all(LIST_PUBLISHED) as PublishedRow[]).map(fromPublishedRow);
  }

  list({ organizationId, limit, before }: Params<'list'>): Publication[] {
    const from = before ?? Number.MAX_SAFE_INTEGER;
    return (this.#db.all(LIST, publicationOwner(organizationId), from, limit) as PublicationRow[]).map(
      fromPublicationRow,
    );
  }

  get({ organizationId, number }: Params<'get'>): Publication | null {
    const row = this.#db.get(GET, publicationOwner(organizationId), number) as PublicationRow | undefined;
    return row === undefined ? null : fromPublicationRow(row);
  }

  saveBundle(bundle: PublishedBundle): void {
    const { sha, code, packages, at } = toBundleRow(bundle);
    this.#db.run(INSERT_BUNDLE, sha, code, packages, at);
  }

  getBundle({ sha }: Params<'getBundle'>): PublishedBundle | null {
    const row = this.#db.get('SELECT * FROM workflow_bundles WHERE sha = ?', encodeText(sha)) as BundleRow | undefined;
    return row === undefined ? null : fromBundleRow(row);
  }

  findBundles({ shas }: Params<'findBundles'>): string[] {
    return (this.#db.all(FIND_BUNDLES, JSON.stringify(shas)) as Pick<BundleRow, 'sha'>[]).map(({ sha }) => sha);
  }
}
