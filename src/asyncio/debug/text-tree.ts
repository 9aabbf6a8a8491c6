/** @internal A line, and the lines under it. */
export interface TreeNode {
  readonly label: string;
  readonly children: TreeNode[];
}

/** @internal A tree as text, with lines drawn from each to those under it. */
export function formatTree(node: TreeNode): string {
  return [node.label, ...branches(node)].join("\n");
}

function branches({ children }: TreeNode): string[] {
  return children.flatMap((child, i) => {
    const isLast = i === children.length - 1;
    const below = branches(child).map((line) => (isLast ? "    " : "│   ") + line);
    return [(isLast ? "└── " : "├── ") + child.label, ...below];
  });
}
