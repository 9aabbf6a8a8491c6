/** Any document. */
export type Doc = Record<string, unknown>;

/** The identity that MongoDB gives a document which has none of its own. */
export interface ObjectId {
  /** It as 24 hexadecimal digits. */
  toHexString(): string;
  /** Whether another one is the same. */
  equals(other: unknown): boolean;
  /** When it was made, to the second. */
  getTimestamp(): Date;
}

/** A document as it is stored: with its identity. */
export type Stored<T extends object> = T extends { readonly _id: unknown } ? T : T & { readonly _id: ObjectId };

/** What a field can be asked for: a value that it equals, or operators. */
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
 * Which documents are meant: the fields of the document, paths to fields within them, and operators on several.
 *
 * It is data: a filter that is made of what a client sent, unchecked, lets that client write operators.
 */
export type Filter<T extends object> = { readonly [K in keyof T]?: Condition<T[K]> } & {
  readonly $and?: readonly Filter<T>[];
  readonly $or?: readonly Filter<T>[];
  readonly $nor?: readonly Filter<T>[];
  readonly $expr?: unknown;
} & { readonly [path: `${string}.${string}`]: unknown };

/**
 * How documents are changed.
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

/** Which fields of documents are given. */
export type Projection = Readonly<Record<string, unknown>>;

/** By which fields documents are ordered, the first one first: 1 upwards, -1 downwards. */
export type Sort = Readonly<Record<string, 1 | -1>>;
