import PDFDocument from 'pdfkit';
import { type Font, FONTS, fontOf } from './pdf.fonts.js';
import { PdfTags, type Tag } from './pdf.tags.js';

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

/**
 * A4 sheets, filled from top to bottom; whatever does not fit goes on to a new page. Lengths are in points. Everything
 * on them is either tagged, in the order in which it is read (ISO 32000-1, 14.8), or an artifact.
 */
export class Sheet {
  private readonly doc: PDFKit.PDFDocument;
  private readonly done: Promise<Buffer>;
  private readonly tags: PdfTags;

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
      tagged: true,
      lang,
      displayTitle: true,
      margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOTER_HEIGHT },
      font: fontOf('body') as unknown as string,
      info: { Title: title, Subject: subject, Creator: 'Silgi', Producer: 'Silgi', CreationDate: date },
    });
    for (const name of FONTS) this.doc.registerFont(name, fontOf(name));
    this.tags = new PdfTags(this.doc);
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
    this.tags.add('H1', () => this.set({ font: 'bold', size: 21 }).text(title, MARGIN, this.doc.y));
    this.tags.add('P', () => this.set({ size: 10.5, color: MUTED }).text(subtitle));
    this.gap(6);
    this.rule(INK, 1.2);
    this.gap(10);
  }

  /** @param keep height of what must stand on the same page as the heading */
  heading(text: string, keep = 40): void {
    this.gap(10);
    this.room(keep + 20);
    this.tags.add('H2', () => this.set({ font: 'bold', size: 11 }).text(text, MARGIN, this.doc.y));
    this.gap(4);
  }

  paragraph(text: string, { size = 9, ...setting }: Setting = {}): void {
    this.room(this.heightOf(text, this.width, { size, ...setting }));
    this.tags.add('P', () =>
      this.set({ size, ...setting }).text(text, MARGIN, this.doc.y, { width: this.width, lineGap: 1.5 }),
    );
    this.gap(3);
  }

  /** Paragraphs with a number or a dash before each. */
  list(items: readonly string[], numbered: boolean): void {
    const indent = 16;
    const list = this.tags.group('L');
    for (const [index, item] of items.entries()) {
      const width = this.width - indent;
      this.room(this.heightOf(item, width, { size: 9 }));
      const top = this.doc.y;
      const label = this.tags.drawn('Lbl', () =>
        this.set({ size: 9 }).text(numbered ? `${index + 1}.` : '–', MARGIN, top, { lineBreak: false }),
      );
      const body = this.tags.drawn('LBody', () =>
        this.doc.text(item, MARGIN + indent, top, { width, lineGap: 1.5 }),
      );
      list.add(this.tags.of('LI', [label, body]));
      this.gap(3);
    }
    list.end();
  }

  /** Names with their values, one under the other: a table whose headings are those of its rows. */
  facts(pairs: readonly (readonly [name: string, value: string, font?: Font])[]): void {
    const left = this.width * 0.3;
    const table = this.tags.group('Table');
    for (const [name, value, font = 'body'] of pairs) {
      const width = this.width - left;
      const size = font === 'mono' ? 8 : 9;
      this.room(this.heightOf(value, width, { font, size }));
      const top = this.doc.y;
      const heading = this.tags.drawn(
        'TH',
        () => this.set({ size: 9, color: MUTED }).text(name, MARGIN, top, { width: left }),
        { scope: 'Row' },
      );
      const below = this.doc.y;
      const cell = this.tags.drawn('TD', () =>
        this.set({ font, size }).text(value, MARGIN + left, top, { width }),
      );
      table.add(this.tags.of('TR', [heading, cell]));
      this.doc.y = Math.max(below, this.doc.y) + 2.5;
    }
    table.end();
  }

  /** A table whose heading is repeated on every page that it goes on to; the last row is the total. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const heavy = columns.map((column) => ({ ...column, font: 'bold' as const }));
    const table = this.tags.group('Table');
    table.add(this.tags.of('TR', this.headRow(heavy)));
    for (const [index, row] of rows.entries()) {
      const isTotal = index === rows.length - 1;
      const set = isTotal ? heavy : columns;
      const height = this.rowHeight(set, row);
      // It has been read already.
      if (this.room(height + 1)) this.tags.artifact('Pagination', () => this.headRow(heavy));
      table.add(this.tags.of('TR', this.row(set, row, height, 'TD')));
      this.rule(RULE, isTotal ? 0.9 : 0.4);
    }
    table.end();
    this.gap(4);
  }

  /**
   * A square of black and white modules.
   *
   * @param alt what it is, for whoever does not see it
   * @param square.dark whether the module of this row and column is black
   */
  square(square: { readonly size: number; dark(row: number, column: number): boolean }, alt: string): void {
    const side = 110;
    // The two lines below it stay with it.
    this.room(side + 54);
    const top = this.doc.y + 10;
    const module = side / square.size;
    const draw = () => {
      for (let row = 0; row < square.size; row++)
        for (let column = 0; column < square.size; column++)
          if (square.dark(row, column))
            this.doc.rect(MARGIN + column * module, top + row * module, module, module);
      this.doc.fill('#000000');
    };
    this.tags.add('Figure', draw, { alt, bbox: [MARGIN, top, MARGIN + side, top + side] });
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
      this.tags.artifact('Pagination', () => {
        this.line(y - 8, RULE, 0.4);
        this.set({ size: 7, color: MUTED }).text(footer(page + 1, count), MARGIN, y, { lineBreak: false });
      });
    }
    this.tags.end();
    this.doc.end();
    return this.done;
  }

  /** @returns its cells */
  private headRow(columns: readonly Column[]): Tag[] {
    const headings = columns.map(({ heading }) => heading);
    const height = this.rowHeight(columns, headings);
    this.room(height * 2);
    this.tags.artifact('Layout', () => this.doc.rect(MARGIN, this.doc.y, this.width, height).fill(SHADE));
    const cells = this.row(columns, headings, height, 'TH');
    this.rule(INK, 0.8);
    return cells;
  }

  /** @returns its cells; none within an artifact */
  private row(
    columns: readonly Column[],
    cells: readonly string[],
    height: number,
    type: 'TH' | 'TD',
  ): Tag[] {
    const top = this.doc.y;
    const elements: Tag[] = [];
    let left = MARGIN;
    for (const [index, { share, align, font }] of columns.entries()) {
      const width = this.width * share;
      const options = { width: width - 8, ...(align !== undefined && { align }) };
      const at = left + 4;
      const draw = () => {
        this.set({ size: sizeIn(font), ...(font !== undefined && { font }) });
        this.doc.text(cells[index] ?? '', at, top + 2.5, options);
      };
      elements.push(...this.tags.cell(type, draw, type === 'TH' ? { scope: 'Column' } : {}));
      left += width;
    }
    this.doc.y = top + height;
    return elements;
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
    this.tags.artifact('Layout', () => {
      this.line(this.doc.y, color, thickness);
    });
  }

  private line(y: number, color: string, thickness: number): void {
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
