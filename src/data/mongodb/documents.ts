/** Any document. */
export type Doc = Record<string, unknown>;

/** The identity that MongoDB gives a document which has none of its own. */
export interface ObjectId {
  /** The identity as 24 hexadecimal digits. */
  toHexString(): string;
  /** Whether `other` is the same identity. */
  equals(other: unknown): boolean;
  /** The time when the identity was made, to the second. */
  getTimestamp(): Date;
}

/** A document as it is stored: with its identity. */
export type Stored<T extends object> = T extends { readonly _id: unknown } ? T : T & { readonly _id: ObjectId };

/** A condition on a field: the value that it must equal, or operators. */
export type Condition<V> = V | (V extends readonly (infer Item)[] ? Item : never) | Operators<V>;

/**
 * Operators on a field.
 *
 * @see https://www.mongodb.com/docs/manual/reference/mql/query-predicates/
 */
export interface Operators<V> {
  readonly $eq?: V;
  readonly $ne?: V;
  readonly $gt?: V;
  readonly $gte?: V;
  readonly $lt?: V;
  readonly $lte?: V;
  readonly $in?: readonly V[];
  readonly $nin?: readonly V[];
  readonly $exists?: boolean;
  readonly $not?: Operators<V> | RegExp;
  readonly $regex?: RegExp | string;
  readonly [operator: `$${string}`]: unknown;
}

/**
 * A condition on documents: on fields, on paths to inner fields, and operators that combine conditions.
 *
 * Check data from a client before it becomes part of a filter. Otherwise the client can add operators.
 */
export type Filter<T extends object> = { readonly [K in keyof T]?: Condition<T[K]> } & {
  readonly $and?: readonly Filter<T>[];
  readonly $or?: readonly Filter<T>[];
  readonly $nor?: readonly Filter<T>[];
  readonly $expr?: unknown;
} & { readonly [path: `${string}.${string}`]: unknown };

/**
 * A change of documents.
 *
 * @see https://www.mongodb.com/docs/manual/reference/mql/update/
 */
export interface Update<T extends object> {
  readonly $set?: Partial<T> & { readonly [path: `${string}.${string}`]: unknown };
  readonly $setOnInsert?: Partial<T>;
  readonly $unset?: Doc;
  readonly $inc?: Readonly<Record<string, number>>;
  readonly [operator: `$${string}`]: unknown;
}

/** The fields of documents that are returned. */
export type Projection = Readonly<Record<string, unknown>>;

/** The fields that documents are ordered by, the most significant first: 1 is ascending, -1 descending. */
export type Sort = Readonly<Record<string, 1 | -1>>;
