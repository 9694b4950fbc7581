import { describe, expect, it } from 'vitest';
import { MAX_TURN_MS } from './longest-turns.js';
import { definitionGroup, publicationGroup } from './probes/authoring-probes.js';
import { useMeasuredServer } from './use-measured-server.js';

describe(`the event loop is held for less than ${MAX_TURN_MS} ms by`, { timeout: 1_200_000 }, () => {
  const under = useMeasuredServer();

  it('any definition', async () => {
    expect(await under.findAllSlow([definitionGroup()])).toEqual([]);
    // The last that could be taken.
    expect(await under.server.json('GET', '/workflows/authored')).toMatchObject({ name: 'A' });
  });

  it('a publication, however long', async () => {
    expect(await under.findAllSlow([publicationGroup()])).toEqual([]);
  });
});
