// One file that is this page with everything in it: styles, scripts and words, under a policy of its own that lets it run
// these very scripts and reach nothing. There is no build step, so the modules are joined here, by the few forms of
// import and export that they are written in; a form that is not known stops the saving.

import { sha256, hex, toBase64, bytesOf } from "../verifier/bytes.js";
import { allWords } from "../words.js";

const IMPORT = /^import \{([^}]*)\} from "([^"]+)";$/gm;
const EXPORT = /^export (?:async )?(?:const|function|class) (\w+)/gm;
const END = "</" + "script>"; // written so that this very text may stand in a script
const ENTRY = new URL("page.js", import.meta.url);

/** The saved page as text, and its SHA-256 in hex. Reads the page's own files again. */
export async function savedPage() {
  const modules = new Map();
  await collect(ENTRY, modules);
  const words = JSON.stringify(allWords()).replaceAll("<", "\\u003c");
  const script = `\nglobalThis.tallyWords = ${words};\nconst modules = {};\n${[...modules.values()].join("\n")}\n`;
  const page = await text(new URL(location.pathname, location.href));
  const links = [...page.matchAll(/<link rel="stylesheet" href="([^"]+)">\n/g)];
  const style = `\n${(await Promise.all(links.map(([, path]) => text(new URL(path, location.href))))).join("\n")}\n`;
  const policy = [
    "default-src 'none'",
    `script-src '${await digest(script)}'`,
    `style-src '${await digest(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const saved = page
    .replace(/<link rel="stylesheet" href="[^"]+">\n/g, "")
    .replace(/<script type="module" src="[^"]+"><\/script>\n/, "")
    .replace('<meta charset="utf-8">\n', (meta) => `${meta}<meta http-equiv="Content-Security-Policy" content="${policy}">\n`)
    .replace("</head>", () => `<style>${style}</style>\n<script type="module">${script}${END}\n</head>`);
  return { saved, digest: hex(await sha256(bytesOf(saved))) };
}

/** Each module after those it imports, as a function of its own scope. */
async function collect(url, modules) {
  if (modules.has(url.href)) return;
  const source = await text(url);
  const imported = [...source.matchAll(IMPORT)].map(([, , path]) => new URL(path, url));
  for (const one of imported) await collect(one, modules);
  const exported = [...source.matchAll(EXPORT)].map(([, name]) => name);
  const body = source
    .replace(IMPORT, (_, names, path) => `const {${names}} = modules["${nameOf(new URL(path, url))}"];`)
    .replace(/^export /gm, "");
  if (/^(import|export)\b/m.test(body)) throw new Error(`${url.pathname} has a form of import that cannot be saved`);
  modules.set(url.href, `modules["${nameOf(url)}"] = await (async () => {\n${body}\nreturn { ${exported.join(", ")} };\n})();`);
}

const nameOf = (url) => url.pathname.split("/").slice(-2).join("/");

async function text(url) {
  const answer = await fetch(url, { cache: "force-cache" });
  if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status}`);
  return answer.text();
}

const digest = async (content) => `sha256-${toBase64(await sha256(bytesOf(content)))}`;
