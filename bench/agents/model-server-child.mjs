// A model's API in a process of its own: `openai/instant` answers at once, `openai/slow` writes for seconds. Tells how
// many answers were under way at once.
import { loadModelServer } from '../../test/support/model-servers/load-model-server.mjs';

process.once('disconnect', () => process.exit());
const { pieces, dripMs } = JSON.parse(process.argv[2]);
const long = Array.from({ length: pieces }, (_, index) => `piece ${index} `).join('');
const underWay = { now: 0, most: 0 };

const { startModelServer } = await loadModelServer();
const server = await startModelServer({
  script: (request) => {
    underWay.now += 1;
    underWay.most = Math.max(underWay.most, underWay.now);
    void request.ended.then(() => (underWay.now -= 1));
    return request.model === 'slow' ? { text: long, pieces, dripMs } : { text: 'ok', pieces: 1 };
  },
});
process.on('message', () => process.send({ most: underWay.most }));
process.send({ url: server.url });
