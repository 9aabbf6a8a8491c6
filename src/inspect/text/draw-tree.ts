import type { Paint } from "./paint.ts";

/** A line of a tree. Its parent is the nearest line above it with a smaller depth. */
export interface TreeLine {
  /** The depth of the line in the tree; 0 for a root. */
  readonly depth: number;
  readonly label: string;
}

/** The maximum number of levels to draw, because a very deep tree would consist mostly of indentation. */
export const deepestDrawn = 100;

/** Formats a tree as lines of text, with branches from each line to those under it. */
export function drawTree(lines: readonly TreeLine[], paint: Paint): string[] {
  const drawn: string[] = [];
  // For each depth: whether a further line with the same parent follows.
  const hasNext: boolean[] = [];
  for (let i = lines.length - 1; i >= 0; i--) {
    const { depth, label } = lines[i]!;
    drawn.push(branch(depth, hasNext, paint) + label);
    hasNext.length = Math.min(hasNext.length, depth);
    hasNext[depth] = true;
  }
  return drawn.toReversed();
}

function branch(depth: number, hasNext: readonly boolean[], paint: Paint): string {
  let margin = "";
  for (let level = 1; level < depth; level++) margin += paint("line", hasNext[level] === true ? "│  " : "   ");
  return depth === 0 ? "" : margin + paint("line", hasNext[depth] === true ? "├─ " : "└─ ");
}
