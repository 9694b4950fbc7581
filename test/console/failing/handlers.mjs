export function throws() {
  throw new Error('The order 4711 has no customer');
}

export function throwsLong() {
  throw new Error(`The upload was refused.\n${'line of a very long answer of the other side\n'.repeat(400)}`);
}

export function throwsNothing() {
  throw new Error('');
}

export function givesNothing() {
  return { when: Number.NaN };
}

export function givesTooMuch() {
  return 'x'.repeat(9 * 1024 * 1024);
}

export function ends() {
  process.exit(1);
}

export function differs({ attempt }) {
  throw new Error(attempt === 1 ? 'The bank did not answer' : 'The card has expired');
}

export function fails({ input }) {
  if (input % 2 === 1) throw new Error(`Item ${input} is out of stock`);
  return input;
}
