const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of exactly `width` columns, filled to an eighth of a column. `empty` is what the rest is drawn with. */
export function progressBar(params: { readonly percent: number; readonly width: number }): {
  readonly filled: string;
  readonly empty: string;
} {
  const width = Math.max(0, Math.floor(params.width));
  const share = Math.min(100, Math.max(0, Number.isFinite(params.percent) ? params.percent : 0)) / 100;
  const eighths = Math.floor(share * width * 8);
  const filled = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return { filled, empty: '░'.repeat(width - filled.length) };
}
