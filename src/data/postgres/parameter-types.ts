// An array can stand for an array of PostgreSQL, and for a value of type JSON; the driver takes it for the first. So the
// server is asked for the types of a query's parameters, if an array is among its values.

import type { PgConnection, PgParameterDescription, PgSubmittable } from "./driver.ts";

/** The numbers of the types `json` and `jsonb`, which never change. */
const jsonTypes: ReadonlySet<number> = new Set([114, 3802]);

/** @internal Asks the server for the types of the parameters of a text. The driver calls its methods. */
export class ParameterTypes implements PgSubmittable {
  readonly callback: (error: Error | undefined, types: readonly number[]) => void;
  readonly #text: string;
  #types: readonly number[] = [];

  constructor(text: string, callback: (error: Error | undefined, types: readonly number[]) => void) {
    this.#text = text;
    this.callback = callback;
  }

  submit(connection: PgConnection): void {
    const listener = ({ dataTypeIDs }: PgParameterDescription): void => {
      this.#types = dataTypeIDs;
    };
    connection.once("parameterDescription", listener);
    connection.once("readyForQuery", () => connection.off("parameterDescription", listener));
    connection.parse({ text: this.#text });
    connection.describe({ type: "S" });
    connection.sync();
  }

  handleError(error: Error): void {
    this.callback(error, []);
  }

  handleReadyForQuery(): void {
    this.callback(undefined, this.#types);
  }

  /** The columns of the result, which are described again when the query runs. */
  handleRowDescription(): void {}
}

/** @internal The values, with arrays written as JSON where the parameter is of that type. */
export function writeJsonArrays(values: readonly unknown[], types: readonly number[]): readonly unknown[] {
  return values.map((value, i) => (Array.isArray(value) && jsonTypes.has(types[i]!) ? JSON.stringify(value) : value));
}
