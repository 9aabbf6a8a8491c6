/** The experimental features of Node that the prompt uses. Node warns of each at its first use. */
const experiments = ["stripTypeScriptTypes", "vm.USE_MAIN_CONTEXT_DEFAULT_LOADER"];

/** Hides Node's warnings about experiments that the prompt itself uses: its user can do nothing about them. */
export function hideOwnWarnings(): Disposable {
  const before = Reflect.get(process, "emitWarning");
  process.emitWarning = (...args: unknown[]): void => {
    const [warning, type] = args;
    if (type === "ExperimentalWarning" && experiments.some((name) => String(warning).includes(name))) return;
    Reflect.apply(before, process, args);
  };
  return {
    [Symbol.dispose]: () => {
      process.emitWarning = before;
    },
  };
}
