/** The configuration of an application cannot be read, or is not as its schema demands. It never shows a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
