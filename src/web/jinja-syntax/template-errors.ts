// TemplateError              a template cannot be used
// ├── TemplateNotFound       no folder has it
// ├── TemplateSyntaxError    it cannot be read
// └── TemplateRuntimeError   it cannot be rendered with these values

/** A template could not be rendered. */
export class TemplateError extends Error {
  override readonly name: string = "TemplateError";
  /** The name of the template; `<string>` for one that has none. */
  readonly template: string;
  /** The line in it, counted from 1; `undefined` if it has none. */
  readonly line: number | undefined;

  constructor(message: string, template: string, line?: number, options?: ErrorOptions) {
    super(message, options);
    this.template = template;
    this.line = line;
  }
}

/** No folder of the application has the template. */
export class TemplateNotFound extends TemplateError {
  override readonly name = "TemplateNotFound";
}

/** A template cannot be read: a tag is not closed, say. */
export class TemplateSyntaxError extends TemplateError {
  override readonly name = "TemplateSyntaxError";

  /** @internal */
  constructor(reason: string, template: string, line: number) {
    super(`Cannot read template '${template}' as ${reason}: line ${line}`, template, line);
  }
}

/** A template cannot be rendered with these values: something in it is undefined, say. */
export class TemplateRuntimeError extends TemplateError {
  override readonly name = "TemplateRuntimeError";

  /** @internal */
  constructor(reason: string, template: string, line: number, options?: ErrorOptions) {
    super(`Cannot render template '${template}' as ${reason}: line ${line}`, template, line, options);
  }
}

/** @internal What is wrong, where the template and the line are not yet known. */
export class TemplateFault extends Error {
  override readonly name = "TemplateFault";
}
