import { escapeHtml } from "../html/escape-html.ts";
import type { OpenapiServer } from "./document.ts";

/** The page that shows a document. Everything that it loads is on this server. */
export function docsPage(title: string, base: string, documentUrl: string): string {
  const from = escapeHtml(encodeURI(base));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${from}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-url="${escapeHtml(encodeURI(documentUrl))}"></div>
<script src="${from}/swagger-ui-bundle.js"></script>
<script src="${from}/start.js"></script>
</body>
</html>
`;
}

/** The script that starts Swagger UI. Its validator, a service on another server, is off. */
export const docsScript: string = `const root = document.getElementById("swagger-ui");
SwaggerUIBundle({
  url: root.dataset.url,
  domNode: root,
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
`;

/** The policy of the page: it may ask this server, and the servers of the document, for its "Try it out". */
export function docsPolicy(servers: readonly OpenapiServer[]): string {
  const origins = servers.flatMap(({ url }) => (URL.canParse(url) ? [new URL(url).origin] : []));
  const connect = ["'self'", ...new Set(origins)].join(" ");
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; ");
}
