export const HOSTILE = `<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>`;

export async function inspect(context) {
  context.progress(20, 'Read 4 of 20 pages');
  await context.step('look', () => ({ pages: 20 }));
  context.progress(80, 'Read 16 of 20 pages');
  context.findings('3 of 20 pages have no title.\nThe longest takes 2.4 s.');
  return { score: 82, pages: [{ url: 'https://example.com/', title: null }], ok: true };
}

export function breaks() {
  throw new Error(`The order 4711 has no customer, so no invoice can be made. Field "customer_id" is null.`);
}

export function hostile(context) {
  context.progress(50, HOSTILE);
  context.findings(HOSTILE);
  return { html: HOSTILE, link: 'javascript:window.attacked=1', svg: '<svg onload="window.attacked=1"/>' };
}

export function hostileFailure() {
  throw new Error(HOSTILE);
}

export function packs({ input }) {
  if (input === 3) throw new Error('Line 3 is out of stock');
  return { packed: input };
}

export function charges({ attempt, input }) {
  throw new Error(`Attempt ${attempt}: the bank declined ${input.amount} for order ${input.order}`);
}

export function lingers({ signal }) {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
