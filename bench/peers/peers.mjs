// Every peer that is measured beside Errand: its module in peers/, what it keeps its records in, and what it needs.

/**
 * @typedef {{ id: string, name: string, keeps: string, version: string | null, postgres: boolean, newNode: boolean,
 * note: string | null }} Peer
 */

const peer = (id, name, keeps, version, needs = {}) => ({
  id,
  name,
  keeps,
  version,
  postgres: false,
  newNode: false,
  note: null,
  ...needs,
});

/** `newNode`: needs Node 22.13 or newer. */
export const ERRAND = peer('errand', 'Errand', 'SQLite', null);

export const PEERS = [
  peer('openworkflow-sqlite', 'OpenWorkflow', 'SQLite', 'openworkflow', {
    newNode: true,
    note: 'asked for results 200 to 2,000 times a second in all, where its client would ask once a second for each',
  }),
  peer('openworkflow-postgres', 'OpenWorkflow', 'Postgres', 'openworkflow', {
    postgres: true,
    note: 'as above',
  }),
  peer('dbos', 'DBOS', 'Postgres', '@dbos-inc/dbos-sdk', { postgres: true }),
  peer('mastra', 'Mastra', 'LibSQL', '@mastra/core', {
    newNode: true,
    note: 'synchronous=FULL where its store sets NORMAL',
  }),
  peer('langgraph', 'LangGraph', 'SQLite', '@langchain/langgraph', {
    note: "durability 'sync'; synchronous=FULL where its driver is built with NORMAL",
  }),
  peer('restate', 'Restate', 'RocksDB', '@restatedev/restate-server', { newNode: true }),
];
