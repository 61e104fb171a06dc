/** Colours of series that stay apart for colour-blind readers and on light and dark backgrounds, after Okabe and Ito. */

export const LINE_COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c6bb1', '#8a8a8a'] as const;

/** The same, half way to grey: the usual case beside the bad one. */
export const PALE_COLOURS = ['#7fb0cf', '#f0cb80', '#80c9b3', '#e0b8ce', '#a6d3ef', '#e6a372', '#bfaad4', '#bdbdbd'] as const;

/** Dashes for the same places, so that lines differ without colour too. Empty is a whole line. */
export const LINE_DASHES = ['', '6 3', '2 3', '8 3 2 3', '12 4', '4 2', '1 2', '10 2 2 2 2 2'] as const;
