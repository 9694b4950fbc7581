export declare function findNewNode(): string | null;
export declare function versionOfNode(path: string | null): string;
