// A model's API in a process of its own that calls the tool `look` again and again, and is done after as many calls as
// told.
import { loadModelServer } from '../../test/support/model-servers/load-model-server.mjs';

process.once('disconnect', () => process.exit());
const calls = Number(process.argv[2]);
let asked = 0;

const { startModelServer } = await loadModelServer();
const server = await startModelServer({
  script: () => {
    asked += 1;
    return asked <= calls ? { toolCalls: [{ name: 'look', input: { at: asked } }] } : 'done';
  },
});
process.send({ url: server.url });
