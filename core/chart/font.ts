/** A font of five by seven dots, for charts where no font can be loaded. Small letters are shown as capitals. */
export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;

/** Seven rows from the top, each one digit of base 32 whose bits are the dots from the left. */
const glyphs: Readonly<Record<string, string>> = {
  A: 'ehhvhhh',
  B: 'uhhuhhu',
  C: 'ehggghe',
  D: 'uhhhhhu',
  E: 'vgguggv',
  F: 'vgguggg',
  G: 'ehgnhhf',
  H: 'hhhvhhh',
  I: 'e44444e',
  J: '72222ic',
  K: 'hikokih',
  L: 'ggggggv',
  M: 'hrllhhh',
  N: 'hhpljhh',
  O: 'ehhhhhe',
  P: 'uhhuggg',
  Q: 'ehhhlid',
  R: 'uhhukih',
  S: 'fgge11u',
  T: 'v444444',
  U: 'hhhhhhe',
  V: 'hhhhha4',
  W: 'hhhllla',
  X: 'hha4ahh',
  Y: 'hha4444',
  Z: 'v1248gv',
  0: 'ehjlphe',
  1: '4c4444e',
  2: 'eh1248v',
  3: 'v2421he',
  4: '26aiv22',
  5: 'vgu11he',
  6: '68guhhe',
  7: 'v124888',
  8: 'ehhehhe',
  9: 'ehhf12c',
  '.': '00000cc',
  ',': '0000c48',
  ':': '0cc0cc0',
  '-': '000v000',
  _: '000000v',
  '+': '044v440',
  '/': '01248g0',
  '%': 'op248j3',
  '(': '2488842',
  ')': '8422248',
  '<': '248g842',
  '>': '8421248',
  '=': '00v0v00',
  '@': 'eh1dlle',
  '#': 'aavavaa',
  "'": 'c480000',
  '?': 'eh12404',
};

/** Whether the dot of a character is ink. Characters without a drawing are question marks, spaces are empty. */
export function isInk(character: string, column: number, row: number): boolean {
  if (character === ' ') return false;
  const capital = character.toUpperCase();
  const glyph = (Object.hasOwn(glyphs, capital) ? glyphs[capital] : undefined) ?? glyphs['?']!;
  return ((Number.parseInt(glyph[row] ?? '0', 32) >> (GLYPH_WIDTH - 1 - column)) & 1) === 1;
}
