/** `errand-20261128T101500Z.backup`: the moment that it was begun, UTC. Other files are left alone. */
const NAME = /^errand-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.backup$/;

export function backupName(at: number): string {
  return `errand-${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.backup`;
}

/** Epoch milliseconds; null for what is no backup of a server. */
export function momentOfBackup(name: string): number | null {
  const [, ...parts] = NAME.exec(name) ?? [];
  if (parts.length === 0) return null;
  const [year = 0, month = 1, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
