// Bundles the modules of index.mjs into turndown.js. build.sh runs this.

import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const target = process.argv[2];
const lock = JSON.parse(await readFile("package-lock.json", "utf8"));
const { outputFiles, metafile } = await build({
  entryPoints: ["index.mjs"],
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  banner: { js: "/* Turndown. MIT license: see LICENSE, VERSIONS and README.md in this folder. */" },
});
// Turndown also has a parser for Node.js, which the bundle does not contain.
const packages = Object.keys(lock.packages)
  .filter((path) => path && Object.keys(metafile.inputs).some((file) => file.startsWith(`${path}/`)))
  .sort();

await mkdir(target);
await writeFile(join(target, "turndown.js"), outputFiles[0].text);
await writeFile(join(target, "LICENSE"), await collectLicenses());
await writeFile(join(target, "VERSIONS"), packages.map((path) => `${nameOf(path)} ${lock.packages[path].version}\n`).join(""));

async function collectLicenses() {
  const names = new Map();
  for (const path of packages) {
    const file = (await readdir(path)).find((name) => /^licen[cs]e/i.test(name));
    const text = (await readFile(join(path, file), "utf8")).trim();
    names.set(text, [...(names.get(text) ?? []), nameOf(path)]);
  }
  return [...names].map(([text, list]) => `${list.join(", ")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`);
}

function nameOf(path) {
  return path.replace(/^.*node_modules\//, "");
}
