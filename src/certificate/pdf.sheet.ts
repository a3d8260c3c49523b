import PDFDocument from 'pdfkit';
import { type Font, FONTS, fontOf } from './pdf.fonts.js';

const MARGIN = 56;
const FOOTER_HEIGHT = 26;
const INK = '#1b2430';
const MUTED = '#5a6675';
const RULE = '#c9d1da';
const SHADE = '#f2f5f8';

/** How a piece of text is set; sizes in points. */
interface Setting {
  readonly font?: Font;
  readonly size?: number;
  readonly color?: string;
}

/** A column of a table: its heading and its share of the width, which add up to 1. */
export interface Column {
  readonly heading: string;
  readonly share: number;
  readonly align?: 'right';
  readonly font?: Font;
}

/** A4 sheets, filled from top to bottom; whatever does not fit goes on to a new page. Lengths are in points. */
export class Sheet {
  private readonly doc: PDFKit.PDFDocument;
  private readonly done: Promise<Buffer>;

  /** @param about title, language and time of the document, so that the same input gives the same pages */
  constructor(about: {
    readonly title: string;
    readonly subject: string;
    readonly lang: string;
    readonly date: Date;
  }) {
    const { title, subject, lang, date } = about;
    this.doc = new PDFDocument({
      size: 'A4',
      margin: MARGIN,
      bufferPages: true,
      pdfVersion: '1.7',
      lang,
      displayTitle: true,
      margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOTER_HEIGHT },
      font: fontOf('body') as unknown as string,
      info: { Title: title, Subject: subject, Creator: 'Silgi', Producer: 'Silgi', CreationDate: date },
    });
    for (const name of FONTS) this.doc.registerFont(name, fontOf(name));
    const chunks: Buffer[] = [];
    this.done = new Promise((done, failed) => {
      this.doc.on('data', (chunk: Buffer) => chunks.push(chunk));
      this.doc.on('end', () => {
        done(Buffer.concat(chunks));
      });
      this.doc.on('error', failed);
    });
  }

  private get width(): number {
    return this.doc.page.width - 2 * MARGIN;
  }

  title(title: string, subtitle: string): void {
    this.set({ font: 'bold', size: 21 }).text(title, MARGIN, this.doc.y);
    this.set({ size: 10.5, color: MUTED }).text(subtitle);
    this.gap(6);
    this.rule(INK, 1.2);
    this.gap(10);
  }

  /** @param keep height of what must stand on the same page as the heading */
  heading(text: string, keep = 40): void {
    this.gap(10);
    this.room(keep + 20);
    this.set({ font: 'bold', size: 11 }).text(text, MARGIN, this.doc.y);
    this.gap(4);
  }

  paragraph(text: string, { size = 9, ...setting }: Setting = {}): void {
    this.room(this.heightOf(text, this.width, { size, ...setting }));
    this.set({ size, ...setting }).text(text, MARGIN, this.doc.y, { width: this.width, lineGap: 1.5 });
    this.gap(3);
  }

  /** Paragraphs with a number or a dash before each. */
  list(items: readonly string[], numbered: boolean): void {
    const indent = 16;
    for (const [index, item] of items.entries()) {
      const width = this.width - indent;
      this.room(this.heightOf(item, width, { size: 9 }));
      const top = this.doc.y;
      this.set({ size: 9 }).text(numbered ? `${index + 1}.` : '–', MARGIN, top, { lineBreak: false });
      this.doc.text(item, MARGIN + indent, top, { width, lineGap: 1.5 });
      this.gap(3);
    }
  }

  /** Names with their values, one under the other. */
  facts(pairs: readonly (readonly [name: string, value: string, font?: Font])[]): void {
    const left = this.width * 0.3;
    for (const [name, value, font = 'body'] of pairs) {
      const width = this.width - left;
      const size = font === 'mono' ? 8 : 9;
      this.room(this.heightOf(value, width, { font, size }));
      const top = this.doc.y;
      this.set({ size: 9, color: MUTED }).text(name, MARGIN, top, { width: left });
      const below = this.doc.y;
      this.set({ font, size }).text(value, MARGIN + left, top, { width });
      this.doc.y = Math.max(below, this.doc.y) + 2.5;
    }
  }

  /** A table whose heading is repeated on every page that it goes on to; the last row is the total. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const heavy = columns.map((column) => ({ ...column, font: 'bold' as const }));
    this.headRow(heavy);
    for (const [index, row] of rows.entries()) {
      const isTotal = index === rows.length - 1;
      const set = isTotal ? heavy : columns;
      const height = this.rowHeight(set, row);
      if (this.room(height + 1)) this.headRow(heavy);
      this.row(set, row, height);
      this.rule(RULE, isTotal ? 0.9 : 0.4);
    }
    this.gap(4);
  }

  /**
   * A square of black and white modules.
   *
   * @param square.dark whether the module of this row and column is black
   */
  square(square: { readonly size: number; dark(row: number, column: number): boolean }): void {
    const side = 110;
    // The two lines below it stay with it.
    this.room(side + 54);
    const top = this.doc.y + 10;
    const module = side / square.size;
    for (let row = 0; row < square.size; row++)
      for (let column = 0; column < square.size; column++)
        if (square.dark(row, column))
          this.doc.rect(MARGIN + column * module, top + row * module, module, module);
    this.doc.fill('#000000');
    this.doc.y = top + side + 12;
  }

  attach(name: string, bytes: Buffer, description: string, date: Date): void {
    const when = { creationDate: date, modifiedDate: date };
    this.doc.file(bytes, { name, type: 'application/json', description, ...when });
  }

  /** @param footer the line at the foot of a page */
  async end(footer: (page: number, of: number) => string): Promise<Buffer> {
    const { count } = this.doc.bufferedPageRange();
    for (let page = 0; page < count; page++) {
      this.doc.switchToPage(page);
      this.doc.page.margins.bottom = 0;
      const y = this.doc.page.height - MARGIN;
      this.doc
        .moveTo(MARGIN, y - 8)
        .lineTo(MARGIN + this.width, y - 8)
        .lineWidth(0.4)
        .stroke(RULE);
      this.set({ size: 7, color: MUTED }).text(footer(page + 1, count), MARGIN, y, { lineBreak: false });
    }
    this.doc.end();
    return this.done;
  }

  private headRow(columns: readonly Column[]): void {
    const headings = columns.map(({ heading }) => heading);
    const height = this.rowHeight(columns, headings);
    this.room(height * 2);
    this.doc.rect(MARGIN, this.doc.y, this.width, height).fill(SHADE);
    this.row(columns, headings, height);
    this.rule(INK, 0.8);
  }

  private row(columns: readonly Column[], cells: readonly string[], height: number): void {
    const top = this.doc.y;
    let left = MARGIN;
    for (const [index, { share, align, font }] of columns.entries()) {
      const width = this.width * share;
      const options = { width: width - 8, ...(align !== undefined && { align }) };
      this.set({ size: sizeIn(font), ...(font !== undefined && { font }) });
      this.doc.text(cells[index] ?? '', left + 4, top + 2.5, options);
      left += width;
    }
    this.doc.y = top + height;
  }

  private rowHeight(columns: readonly Column[], cells: readonly string[]): number {
    const heights = columns.map(({ share, font }, index) =>
      this.heightOf(cells[index] ?? '', this.width * share - 8, {
        size: sizeIn(font),
        ...(font !== undefined && { font }),
      }),
    );
    return Math.max(...heights) + 4;
  }

  private heightOf(text: string, width: number, setting: Setting): number {
    return this.set(setting).heightOfString(text, { width, lineGap: 1.5 });
  }

  /** Starts a new page where so much does not fit on this one. @returns whether it did */
  private room(height: number): boolean {
    const { height: page, margins } = this.doc.page;
    if (this.doc.y + height <= page - margins.bottom) return false;
    this.doc.addPage();
    return true;
  }

  private rule(color: string, thickness: number): void {
    const { y } = this.doc;
    this.doc
      .moveTo(MARGIN, y)
      .lineTo(MARGIN + this.width, y)
      .lineWidth(thickness)
      .stroke(color);
  }

  private gap(points: number): void {
    this.doc.y += points;
  }

  private set({ font = 'body', size = 9, color = INK }: Setting): PDFKit.PDFDocument {
    return this.doc.font(font).fontSize(size).fillColor(color);
  }
}

function sizeIn(font: Font | undefined): number {
  return font === 'mono' ? 7.5 : 8.5;
}
