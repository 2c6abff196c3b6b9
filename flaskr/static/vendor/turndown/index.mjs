// Turndown with GitHub's Markdown: tables.

export { default as TurndownService } from "turndown";
export { tables } from "turndown-plugin-gfm";
