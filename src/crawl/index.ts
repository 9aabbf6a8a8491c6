// Extracts titles and elements from pages, and fetches many pages at once.
/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />

// extraction
export { getTitle } from "./get-title.ts";
export { select, SelectedElement } from "./select.ts";

// many pages
export { type PageTitle, titles, type TitlesOptions, type Urls } from "./titles.ts";
