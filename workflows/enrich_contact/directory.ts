import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';

export interface Contact {
  readonly email: string;
  readonly name: string;
  readonly company: string;
  readonly title: string;
}

export interface Directory {
  readonly size: number;
  /** Upper and lower case are the same. */
  find(email: string): Contact | undefined;
}

/** Reads a CSV file with the columns `email`, `name`, `company` and `title`. */
export async function openDirectory(file: URL): Promise<Directory> {
  const rows = parse<Contact>(await readFile(file), {
    columns: true,
    bom: true,
    trim: true,
    skip_empty_lines: true,
  });
  const contacts = new Map(rows.map((row) => [row.email.toLowerCase(), row]));
  return { size: contacts.size, find: (email) => contacts.get(email.trim().toLowerCase()) };
}
