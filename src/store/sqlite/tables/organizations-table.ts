import { ErrandError } from '../../../core/errors.js';
import type { Organization, OrganizationSettings } from '../../../core/tenant/organization.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import { decodeText, encodeText } from '../connection/text.js';

interface OrganizationRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly created_at: number;
  readonly settings: string | null;
}

export class OrganizationsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert({ id, slug, name, createdAt, settings }: Organization): void {
    try {
      this.#db.run(
        'INSERT INTO organizations (id, slug, name, created_at, settings) VALUES (?, ?, ?, ?, ?)',
        encodeText(id),
        encodeText(slug),
        encodeText(name),
        createdAt,
        settings === undefined ? null : JSON.stringify(settings),
      );
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      const reason = error.isOn('organizations.slug') ? 'slug' : 'id';
      throw new ErrandError(
        'conflict',
        `There is an organization with the ${reason} ${reason === 'slug' ? slug : id}.`,
        {
          details: { reason },
          cause: error,
        },
      );
    }
  }

  update({ id, name, settings }: Organization): boolean {
    const sql = 'UPDATE organizations SET name = ?, settings = ? WHERE id = ?';
    const text = settings === undefined ? null : JSON.stringify(settings);
    return this.#db.run(sql, encodeText(name), text, encodeText(id)) > 0;
  }

  get({ id }: { readonly id: string }): Organization | null {
    const row = this.#db.get('SELECT * FROM organizations WHERE id = ?', encodeText(id)) as OrganizationRow | undefined;
    return row === undefined ? null : toOrganization(row);
  }

  find({ slug }: { readonly slug: string }): Organization | null {
    const row = this.#db.get('SELECT * FROM organizations WHERE slug = ?', encodeText(slug)) as
      OrganizationRow | undefined;
    return row === undefined ? null : toOrganization(row);
  }

  list({ limit, offset }: { readonly limit: number; readonly offset: number }): {
    organizations: Organization[];
    total: number;
  } {
    const rows = this.#db.all(
      'SELECT * FROM organizations ORDER BY slug LIMIT ? OFFSET ?',
      limit,
      offset,
    ) as OrganizationRow[];
    const { total } = this.#db.get('SELECT count(*) AS total FROM organizations') as { total: number };
    return { organizations: rows.map(toOrganization), total };
  }
}

function toOrganization(row: OrganizationRow): Organization {
  return {
    id: decodeText(row.id),
    slug: decodeText(row.slug),
    name: decodeText(row.name),
    createdAt: row.created_at,
    ...(row.settings === null ? {} : { settings: JSON.parse(row.settings) as OrganizationSettings }),
  };
}
