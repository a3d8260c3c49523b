/** Lines of a file that a record takes, whose cells may hold line ends of any kind. */
export function linesOf(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 1);
}
