// The city API, finished.                                                       run it:  npx pottle run app.ts
export { createApp, default } from "./4-services/app.ts";
