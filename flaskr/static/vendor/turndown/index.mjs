// Turndown with GitHub's Markdown: tables, strikethrough and tasks.

export { default as TurndownService } from "turndown";
export { tables, taskListItems } from "turndown-plugin-gfm";
