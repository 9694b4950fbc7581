/** Of the boxes of a graph. */
export const BOX_WIDTH = 190;
export const BOX_HEIGHT = 54;
/** Of the title of a box that others stand in. */
export const TITLE_HEIGHT = 40;
