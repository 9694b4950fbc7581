import { describe, expect, it } from 'vitest';
import { AxeQueue } from './axe-queue.js';

const WORKER = new URL('../../agents/axe-worker.mjs', import.meta.url);
const signal = new AbortController().signal;
const url = 'http://site.test/';

function page(body: string): string {
  return `<!doctype html><html lang="en"><head><title>A page</title></head><body><main><h1>A</h1>${body}</main></body></html>`;
}

describe('AxeQueue', () => {
  it('finds barriers with rule, impact and selector, and nothing on a good page', async () => {
    const axe = new AxeQueue(WORKER);
    const [bad, good] = await Promise.all([
      axe.examine({ html: page('<img id="a" src="a.png">'), url, signal }),
      axe.examine({ html: page('<img src="a.png" alt="A tree">'), url, signal }),
    ]);
    expect(bad).toMatchObject([{ rule: 'image-alt', impact: 'critical', selectors: ['#a'], count: 1 }]);
    expect(good).toEqual([]);
  });

  it('runs none of the page’s own scripts', async () => {
    const axe = new AxeQueue(WORKER);
    const html = page('<script>document.body.innerHTML = "<img id=made src=x>"</script><p>text</p>');
    expect(await axe.examine({ html, url, signal })).toEqual([]);
  });

  it('ends the thread with the page that is given up, and starts another for the next', async () => {
    const axe = new AxeQueue(WORKER);
    const controller = new AbortController();
    const examining = axe.examine({ html: page('<p>one</p>'), url, signal: controller.signal });
    expect(axe.running).toBe(true);
    controller.abort(new Error('given up'));
    await expect(examining).rejects.toThrow('given up');
    expect(axe.running).toBe(false);
    expect(await axe.examine({ html: page('<p>two</p>'), url, signal })).toEqual([]);
  });

  it('lets others’ pages be examined when one in line is given up', async () => {
    const axe = new AxeQueue(WORKER);
    const controller = new AbortController();
    const outcomes = Promise.allSettled([
      axe.examine({ html: page('<p>one</p>'), url, signal: controller.signal }),
      axe.examine({ html: page('<p>two</p>'), url, signal }),
      axe.examine({ html: page('<p>three</p>'), url, signal: controller.signal }),
    ]);
    controller.abort(new Error('given up'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  });

  it('remembers what it found in the same HTML', async () => {
    const axe = new AxeQueue(WORKER);
    const html = page('<img id="b" src="b.png">');
    const first = await axe.examine({ html, url, signal });
    expect(await axe.examine({ html, url, signal })).toBe(first);
  });

  it('examines HTML that several wait for once', async () => {
    const axe = new AxeQueue(WORKER);
    const html = page('<img id="c" src="c.png">');
    const found = await Promise.all(Array.from({ length: 5 }, () => axe.examine({ html, url, signal })));
    expect(new Set(found).size).toBe(1);
  });

  it('rejects when the thread cannot start', async () => {
    const axe = new AxeQueue(new URL('./no-such-worker.mjs', import.meta.url));
    await expect(axe.examine({ html: page(''), url, signal })).rejects.toThrow(/no-such-worker/);
  });
});
