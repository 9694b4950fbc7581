/** The SQLite file in a data folder. */
export const DATABASE = 'errand.db';
