import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** DejaVu has the Turkish letters; the fonts that every PDF reader brings along have not. */
const FILES = {
  body: 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
  mono: 'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf',
} as const;

export type Font = keyof typeof FILES;
export const FONTS = ['body', 'bold', 'mono'] as const satisfies readonly Font[];

const here = createRequire(import.meta.url);
const opened = new Map<Font, Buffer>();

/**
 * A font, opened once for all documents: pdfkit opens what it is given as bytes anew for each, which is most of the
 * work of a page. It takes a font of its own library as well; its types know bytes only.
 */
export function fontOf(name: Font): Buffer {
  let font = opened.get(name);
  if (font === undefined) {
    const { create } = createRequire(here.resolve('pdfkit'))('fontkit') as {
      create: (file: Buffer) => Buffer;
    };
    font = create(readFileSync(here.resolve(FILES[name])));
    opened.set(name, font);
  }
  return font;
}
