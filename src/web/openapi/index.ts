// OpenAPI 3.1: the document of an application, and the page that shows it.
/// <reference types="node" preserve="true" />

export { openapi } from "./openapi.ts";
export { addOpenapi, type AddOpenapiOptions, MissingSwaggerUIError, openapiOptionsOf } from "./add-openapi.ts";
export type { JsonSchema, OpenapiDocument, OpenapiOperation, OpenapiOptions, OpenapiServer } from "./document.ts";
