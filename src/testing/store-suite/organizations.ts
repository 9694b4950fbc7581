import { describe, expect, it } from 'vitest';
import { makeOrganization, newId, rejection } from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

export function describeOrganizations(makeStore: MakeStore): void {
  describe('organizations', () => {
    const store = useStore(makeStore);

    it('finds an organization by its id and by its slug', async () => {
      const organization = makeOrganization({ name: 'Ünïcode & Sons 😀' });
      await store().organizations.insert(organization);
      expect(await store().organizations.get({ id: organization.id })).toEqual(organization);
      expect(await store().organizations.find({ slug: organization.slug })).toEqual(organization);
    });

    it('gives null for an organization that does not exist', async () => {
      expect(await store().organizations.get({ id: newId() })).toBeNull();
      expect(await store().organizations.find({ slug: 'nobody' })).toBeNull();
    });

    it('refuses a second organization with the same slug', async () => {
      const first = makeOrganization();
      await store().organizations.insert(first);
      const error = await rejection(store().organizations.insert(makeOrganization({ slug: first.slug })));
      expect(error.code).toBe('conflict');
      expect(error.details).toEqual({ reason: 'slug' });
      expect(error.message).toContain(first.slug);
    });

    it('keeps what is set for an organization, and takes it out again', async () => {
      const organization = makeOrganization({ settings: { limits: { runs: 5, nodes: null } } });
      await store().organizations.insert(organization);
      expect(await store().organizations.get({ id: organization.id })).toEqual(organization);
      const { settings: _, ...plain } = { ...organization, name: 'Renamed' };
      expect(await store().organizations.update(plain)).toBe(true);
      expect(await store().organizations.find({ slug: organization.slug })).toEqual(plain);
      expect(await store().organizations.update(makeOrganization())).toBe(false);
    });

    it('lists organizations by slug, a page at a time, with how many there are', async () => {
      const before = (await store().organizations.list({ limit: 1, offset: 0 })).total;
      const slugs = ['a', 'b', 'c'].map((letter) => `!${letter}-${newId()}`);
      for (const slug of slugs.toReversed()) await store().organizations.insert(makeOrganization({ slug }));
      const page = await store().organizations.list({ limit: 2, offset: 0 });
      expect(page.organizations.map((organization) => organization.slug)).toEqual(slugs.slice(0, 2));
      expect(page.total).toBe(before + 3);
      const next = await store().organizations.list({ limit: 1, offset: 2 });
      expect(next.organizations.map((organization) => organization.slug)).toEqual(slugs.slice(2));
    });

    it('keeps text with a NUL or half a surrogate pair as it is', async () => {
      const name = 'a\u0000b \ud83d and \u0001 and \u00010000 😀';
      const organization = makeOrganization({ name });
      await store().organizations.insert(organization);
      expect((await store().organizations.get({ id: organization.id }))?.name).toBe(name);
    });

    it('never takes an id with a NUL behind it for the id before it', async () => {
      const organization = makeOrganization();
      await store().organizations.insert(organization);
      expect(await store().organizations.get({ id: `${organization.id}\u0000` })).toBeNull();
      expect(await store().organizations.find({ slug: `${organization.slug}\u0000x` })).toBeNull();
    });
  });
}
