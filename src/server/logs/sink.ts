/** What takes the text of a log. */
export interface Sink {
  /**
   * Takes text, all of it, and not again before `onReady` if it returns `false`.
   *
   * @returns Whether it takes more at once.
   */
  write(text: string): boolean;
  /** Takes the last text of a process that exits: what is not written when it returns is lost. */
  writeLast(text: string): void;
  /** Opens the destination anew, if it is a file: what is written later goes to the file that has its path then. */
  reopen?(): void;
  /** Ends the use of the destination, whatever it still holds. */
  close(): void;
}

/** What a sink tells its log. */
export interface SinkHooks {
  /** Called when a sink whose `write` has returned `false` takes more. */
  readonly onReady: () => void;
  /** Called with an error; `isOver` if the destination takes nothing any more. */
  readonly onError: (error: unknown, isOver: boolean) => void;
}
