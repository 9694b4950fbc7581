import { BackendPostgres } from 'openworkflow/postgres';
import { startOn } from './openworkflow.mjs';

export async function start({ postgresUrl, atOnce }) {
  return startOn(await BackendPostgres.connect(postgresUrl), { atOnce });
}
