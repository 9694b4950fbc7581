/** Where this server fetches the files of model calls from: hosts on the internet only, or internal ones too. */
export const FILE_SOURCES = ['public', 'any'] as const;
export type FileSource = (typeof FILE_SOURCES)[number];
