// The syntax tree of a template: what the parser makes, and the renderer walks. Each node has the line that it begins in.

/** A value. */
export type Expression = { readonly line: number } & (
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "dict"; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: "attribute"; readonly object: Expression; readonly name: string }
  | { readonly kind: "item"; readonly object: Expression; readonly key: Expression }
  | { readonly kind: "slice"; readonly object: Expression; readonly bounds: readonly (Expression | undefined)[] }
  | { readonly kind: "call"; readonly callee: Expression; readonly args: CallArguments }
  | {
      readonly kind: "filter";
      readonly input: Expression | undefined;
      readonly name: string;
      readonly args: CallArguments;
    }
  | { readonly kind: "test"; readonly input: Expression; readonly name: string; readonly args: CallArguments }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "sign"; readonly sign: 1 | -1; readonly operand: Expression }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "concat"; readonly parts: readonly Expression[] }
  | { readonly kind: "compare"; readonly first: Expression; readonly rest: readonly (readonly [string, Expression])[] }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "condition";
      readonly test: Expression;
      readonly value: Expression;
      readonly otherwise: Expression | undefined;
    }
);

/** The arguments of a call, a filter or a test. */
export interface CallArguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  /** The value after `*`. */
  readonly more: Expression | undefined;
  /** The value after `**`. */
  readonly moreNamed: Expression | undefined;
}

/** What is assigned to: a name, an attribute of a `namespace()`, or several of these. */
export type Target =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "attribute"; readonly name: string; readonly attribute: string }
  | { readonly kind: "targets"; readonly targets: readonly Target[] };

/** A parameter of a macro. */
export interface Parameter {
  readonly name: string;
  readonly default: Expression | undefined;
}

/** The statements between two tags. */
export type Body = readonly Statement[];

/** A loop. */
export interface ForNode {
  readonly kind: "for";
  readonly line: number;
  readonly target: Target;
  readonly items: Expression;
  readonly filter: Expression | undefined;
  readonly recursive: boolean;
  /** Whether something in it looks at `loop`. */
  readonly usesLoop: boolean;
  readonly body: Body;
  readonly otherwise: Body;
}

/** A macro, or the body of `{% call %}`. */
export interface MacroNode {
  readonly kind: "macro";
  readonly line: number;
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly takesMore: boolean;
  readonly takesMoreNamed: boolean;
  readonly body: Body;
}

/** A block. */
export interface BlockNode {
  readonly kind: "block";
  readonly line: number;
  readonly name: string;
  readonly scoped: boolean;
  readonly required: boolean;
  readonly body: Body;
}

/** A part of a template. */
export type Statement =
  | ForNode
  | MacroNode
  | BlockNode
  | ({ readonly line: number } & (
      | { readonly kind: "text"; readonly text: string }
      | { readonly kind: "output"; readonly value: Expression }
      | {
          readonly kind: "if";
          readonly branches: readonly (readonly [Expression, Body])[];
          readonly otherwise: Body;
        }
      | { readonly kind: "set"; readonly target: Target; readonly value: Expression }
      | {
          readonly kind: "capture";
          readonly target: Target;
          readonly filter: Expression | undefined;
          readonly body: Body;
        }
      | {
          readonly kind: "with";
          readonly pairs: readonly (readonly [Target, Expression])[];
          readonly body: Body;
        }
      | { readonly kind: "extends"; readonly template: Expression }
      | {
          readonly kind: "include";
          readonly template: Expression;
          readonly ignoreMissing: boolean;
          readonly withContext: boolean;
        }
      | { readonly kind: "import"; readonly template: Expression; readonly name: string; readonly withContext: boolean }
      | {
          readonly kind: "from";
          readonly template: Expression;
          readonly names: readonly (readonly [string, string])[];
          readonly withContext: boolean;
        }
      | { readonly kind: "callBlock"; readonly call: Expression; readonly caller: MacroNode }
      | { readonly kind: "filterBlock"; readonly filter: Expression; readonly body: Body }
      | { readonly kind: "autoescape"; readonly value: Expression; readonly body: Body }
      | { readonly kind: "do"; readonly value: Expression }
      | { readonly kind: "break" | "continue" }
    ));

/** A template that was read. */
export interface TemplateTree {
  readonly body: Body;
  readonly blocks: ReadonlyMap<string, BlockNode>;
}
