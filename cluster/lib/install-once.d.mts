export declare function installOnce(folder: string): Promise<void>;
