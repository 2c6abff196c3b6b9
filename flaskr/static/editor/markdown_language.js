// The Markdown of the blog: CommonMark with tables, strikethrough, tasks and footnotes.

import {
  Language,
  LanguageSupport,
  Strikethrough,
  Table,
  TaskList,
  defineLanguageFacet,
  languageDataProp,
  parser,
} from "../vendor/codemirror/codemirror.js";

const FOOTNOTE = /^\[\^[^\]\s]+\]/;
const MAX_LABEL_CHARS = 200;

const Footnote = {
  defineNodes: ["Footnote"],
  parseInline: [
    {
      name: "Footnote",
      before: "Link",
      parse(context, next, position) {
        if (next !== 91 /* [ */ || context.char(position + 1) !== 94 /* ^ */) return -1;
        const end = Math.min(context.end, position + MAX_LABEL_CHARS);
        const label = context.slice(position, end).match(FOOTNOTE);
        return label ? context.addElement(context.elt("Footnote", position, position + label[0].length)) : -1;
      },
    },
  ],
};

// Brackets and stars by the thousand take quadratic time, so that a paragraph of this length stays
// plain. The server limits them too.
const MAX_PARAGRAPH_CHARS = 20_000;

const data = defineLanguageFacet();
const dialect = parser.configure([Table, Strikethrough, TaskList, Footnote, { props: [languageDataProp.add({ Document: data })] }]);
const parseInline = dialect.parseInline;
dialect.parseInline = function (text, offset) {
  return text.length > MAX_PARAGRAPH_CHARS ? [] : parseInline.call(this, text, offset);
};
const language = new Language(data, dialect, [], "markdown");

export function markdown() {
  return new LanguageSupport(language);
}
