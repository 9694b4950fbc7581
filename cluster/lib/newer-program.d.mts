export declare function makeNewerProgram(name: string): string;
