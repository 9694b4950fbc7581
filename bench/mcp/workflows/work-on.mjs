/** Reports once and then works on until it is told to stop. */
export default async ({ input, progress, findings, signal }) => {
  progress(input.percent, `Looking at page ${Math.floor(input.percent / 5)} of 20`);
  findings(`Found so far: ${Math.floor(input.percent / 10)} things that could be better, none of them urgent.`);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
};
