/** A node of what is tagged. */
export type Tag = ReturnType<PDFKit.PDFDocument['struct']>;

/** What a tag says beside its type; the types of pdfkit do not know all of it. */
export interface TagOptions {
  /** What it is, for whoever does not see it. */
  readonly alt?: string;
  /** Of what a heading of a table is one. */
  readonly scope?: 'Row' | 'Column';
  /** Left, top, right and bottom, from the top of the page. */
  readonly bbox?: readonly [number, number, number, number];
}

/**
 * The structure of a document (ISO 32000-1, 14.8): what is read, in the order in which it is drawn. Everything else is
 * an artifact.
 */
export class PdfTags {
  private readonly root: Tag;
  private isInArtifact = false;

  /** @param doc made with `tagged: true` */
  constructor(private readonly doc: PDFKit.PDFDocument) {
    this.root = doc.struct('Document');
    doc.addStructure(this.root);
  }

  /** Draws the next element of the document. */
  add(type: string, draw: () => unknown, options: TagOptions = {}): void {
    this.root.add(this.drawn(type, draw, options));
  }

  /** The next element of the document, which gets others; whoever opens it ends it. */
  group(type: string): Tag {
    const tag = this.doc.struct(type);
    this.root.add(tag);
    return tag;
  }

  /** Draws an element of another. */
  drawn(type: string, draw: () => unknown, options: TagOptions = {}): Tag {
    const content = this.doc.markStructureContent(type);
    draw();
    this.doc.endMarkedContent();
    return this.doc.struct(type, options, [content]);
  }

  /** An element of elements that are drawn. */
  of(type: string, tags: readonly Tag[]): Tag {
    return this.doc.struct(type, {}, [...tags]);
  }

  /** Draws a cell of a table; within an artifact, as part of that. */
  cell(type: 'TH' | 'TD', draw: () => unknown, options: TagOptions = {}): Tag[] {
    if (!this.isInArtifact) return [this.drawn(type, draw, options)];
    draw();
    return [];
  }

  /** Draws what is not read. Within an artifact there is no other. */
  artifact(type: 'Layout' | 'Pagination', draw: () => unknown): void {
    if (this.isInArtifact) {
      draw();
      return;
    }
    this.doc.markContent('Artifact', { type });
    this.isInArtifact = true;
    draw();
    this.isInArtifact = false;
    this.doc.endMarkedContent();
  }

  /** Nothing is added any more. */
  end(): void {
    this.root.end();
  }
}
