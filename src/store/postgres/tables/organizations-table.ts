import { ErrandError } from '../../../core/errors.js';
import type { ListOrganizationsParams } from '../../../core/ports/store/organization-store.js';
import type { Organization, OrganizationSettings } from '../../../core/tenant/organization.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import { plannedOnceAnywhere } from '../connection/prepared.js';
import { first, type Sql } from '../connection/sql.js';

interface OrganizationRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly created_at: number;
  readonly settings: string | null;
}

const SELECT_BY_ID = plannedOnceAnywhere(
  'SELECT id, slug, name, created_at, settings FROM organizations WHERE id = $1',
);
const INSERT = 'INSERT INTO organizations (id, slug, name, created_at, settings) VALUES ($1, $2, $3, $4, $5)';

export const organizationsTable = {
  async insert(sql: Sql, { id, slug, name, createdAt, settings }: Organization): Promise<void> {
    try {
      await sql.run(INSERT, [encodeText(id), encodeText(slug), encodeText(name), createdAt, settingsText(settings)]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      const reason = error.constraint === 'organizations_slug' ? 'slug' : 'id';
      const named = reason === 'slug' ? slug : id;
      throw new ErrandError('conflict', `There is an organization with the ${reason} ${named}.`, {
        details: { reason },
        cause: error,
      });
    }
  },

  async update(sql: Sql, { id, name, settings }: Organization): Promise<boolean> {
    const values = [encodeText(name), settingsText(settings), encodeText(id)];
    return (await sql.run('UPDATE organizations SET name = $1, settings = $2 WHERE id = $3', values)) > 0;
  },

  async get(sql: Sql, { id }: { readonly id: string }): Promise<Organization | null> {
    return toOrganization(await first(sql, SELECT_BY_ID, [encodeText(id)]));
  },

  async find(sql: Sql, { slug }: { readonly slug: string }): Promise<Organization | null> {
    return toOrganization(await first(sql, 'SELECT * FROM organizations WHERE slug = $1', [encodeText(slug)]));
  },

  async list(
    sql: Sql,
    { limit, offset }: ListOrganizationsParams,
  ): Promise<{ organizations: Organization[]; total: number }> {
    const rows = await sql.all('SELECT * FROM organizations ORDER BY slug LIMIT $1 OFFSET $2', [limit, offset]);
    const { total } = (await first(sql, 'SELECT count(*) AS total FROM organizations', [])) as { total: number };
    return { organizations: rows.flatMap((row) => toOrganization(row) ?? []), total };
  },
};

function settingsText(settings: OrganizationSettings | undefined): string | null {
  return settings === undefined ? null : JSON.stringify(settings);
}

function toOrganization(found: unknown): Organization | null {
  const row = found as OrganizationRow | undefined;
  if (row === undefined) return null;
  return {
    id: decodeText(row.id),
    slug: decodeText(row.slug),
    name: decodeText(row.name),
    createdAt: row.created_at,
    ...(row.settings === null ? {} : { settings: JSON.parse(row.settings) as OrganizationSettings }),
  };
}
