/** Colours of text and shapes that can be read on light and on dark. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 } .head { font-weight: 600 } .title { font-size: 16px }
  .ours { fill: #0969da } .other { fill: #8c959f } .line { stroke: #d0d7de } .ground { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .ours { fill: #4493f8 } .other { fill: #6e7681 } .line { stroke: #3d444d } .ground { fill: #0d1117 }
  }`;
/** Of every chart, in pixels. */
export const WIDTH = 760;

/** A whole SVG file. @param parts what is drawn below the title, whose line ends at 46 */
export function svg(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>`,
    `<text class="head title" x="16" y="28">${escaped(title)}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
