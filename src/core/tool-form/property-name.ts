import { HOST_LIMITS } from './host-limits.js';

/** For each property the name that every host takes: its own where it can be, and none twice. */
export function hostNames(names: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...names];
  const taken = new Set(all.filter(isTaken));
  return new Map(
    all.map((name) => {
      if (isTaken(name)) return [name, name];
      const plain = toPlain(name);
      let chosen = plain;
      for (let number = 2; taken.has(chosen); number += 1) chosen = `${plain.slice(0, 58)}_${number}`;
      taken.add(chosen);
      return [name, chosen];
    }),
  );
}

function isTaken(name: string): boolean {
  // Programs that copy objects lose this one, or worse.
  return name !== '__proto__' && HOST_LIMITS.propertyName.test(name);
}

/** `Straße` becomes `Strasse`, `first name` becomes `first_name`. */
function toPlain(name: string): string {
  const letters = name.replaceAll('ß', 'ss').normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const plain = letters.replaceAll(/[^A-Za-z0-9_.-]+/g, '_').replaceAll(/^_+|_+$/g, '');
  return plain.slice(0, HOST_LIMITS.propertyNameLength) || 'field';
}
