import type { Paint } from "./paint.ts";

/** A line of a tree. It belongs to the nearest line above it that is less deep. */
export interface TreeLine {
  /** How many lines it stands under; 0 for a root. */
  readonly depth: number;
  readonly label: string;
}

/** So many levels are drawn; a tree as deep as users make it would be mostly margin. */
export const deepestDrawn = 100;

/** A tree as lines of text, with branches drawn from each line to those under it. */
export function drawTree(lines: readonly TreeLine[], paint: Paint): string[] {
  const drawn: string[] = [];
  // By depth: whether a line follows that belongs to the same one.
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
