export declare function until(
  holds: () => boolean | Promise<boolean>,
  atMostMs: number,
  whyNot?: () => string | null,
): Promise<void>;
