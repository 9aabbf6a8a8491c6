// A JavaScript array may be meant as a PostgreSQL array or as a JSON value; the driver always sends it as the first. So
// if a query has an array among its values, the server is asked for the types of the parameters.

import type { PgConnection, PgParameterDescription, PgSubmittable } from "./driver.ts";

/** The OIDs of the types `json` and `jsonb`, which never change. */
const jsonTypes: ReadonlySet<number> = new Set([114, 3802]);

/** @internal Asks the server for the parameter types of a query text. The driver calls its methods. */
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

  /** Ignores the columns of the result, because they are described again when the query runs. */
  handleRowDescription(): void {}
}

/** @internal The values, with arrays formatted as JSON if the parameter has a JSON type. */
export function writeJsonArrays(values: readonly unknown[], types: readonly number[]): readonly unknown[] {
  return values.map((value, i) => (Array.isArray(value) && jsonTypes.has(types[i]!) ? JSON.stringify(value) : value));
}
