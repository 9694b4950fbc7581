/** Serves what `make` makes of the parent's first message, and tells the parent where. Ends with the parent. */
export function serveToParent(make) {
  process.once('disconnect', () => process.exit());
  process.once('message', async (given) => {
    const server = await make(given);
    server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
  });
}
