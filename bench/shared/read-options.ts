/** The options of a command line; says what is wrong with it, and how it is used, and returns `undefined` if it has none. */
export function readOrExplain<Options>(
  readOptions: (args: readonly string[]) => Options,
  usage: string,
): Options | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}
