import { ErrandError } from '../../core/errors.js';
import type { Organization } from '../../core/store.js';
import { type Connection, ConstraintError } from './connection.js';
import { decodeText, encodeText } from './text.js';

interface OrganizationRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly created_at: number;
}

export class OrganizationsTable {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  insert({ id, slug, name, createdAt }: Organization): void {
    try {
      this.#db.run(
        'INSERT INTO organizations (id, slug, name, created_at) VALUES (?, ?, ?, ?)',
        encodeText(id),
        encodeText(slug),
        encodeText(name),
        createdAt,
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
  };
}
