export declare function buildDiskFaults(folder: string): { readonly library: string; readonly lacking: string | null };
