/** Variables by their names, as `process.env` holds them. */
export type Environment = { readonly [name: string]: string | undefined };
