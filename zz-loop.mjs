import { openEyes, inkSeenMin } from "./test/support/browser-eyes.ts";
import { snippets, documentOf } from "./test/fixtures/content/visibility-snippets.ts";
import { viewHtml } from "./src/content/html/html-view.ts";
import fs from "node:fs";
import crypto from "node:crypto";
const cacheFile = "/tmp/eyes-cache.json";
const cache = fs.existsSync(cacheFile) ? JSON.parse(fs.readFileSync(cacheFile,"utf8")) : {};
let eyes; const strip = s=>s.replace(/[\s\u200b]+/g,"");
let n=0,bad=0;
for (const sn of snippets) {
  if (process.argv[2] && !sn.name.includes(process.argv[2])) continue;
  const html = documentOf(sn);
  const key = crypto.createHash("md5").update(html).digest("hex");
  if (!cache[key]) { eyes ??= await openEyes("/usr/bin/chromium"); cache[key] = await eyes.look(html); }
  let view; try { view = viewHtml(html);} catch(e) { console.log("THROW", sn.name, e); bad++; continue; }
  const shown = strip(view.blocks.map(b=>b.text).join("\n"));
  for (const s of cache[key]) {
    n++;
    const seen = s.inkPerCharacter >= inkSeenMin;
    const ours = shown.includes(strip(s.text)) || (seen && strip(s.text).length>8 && shown.includes(strip(s.text).slice(0,3)));
    if (seen !== ours) { bad++; console.log(`${seen?"VISIBLE but we hide":"HIDDEN but we show"} [${sn.name}] "${s.text.slice(0,30)}" ink ${s.inkPerCharacter.toFixed(1)} ours: ${JSON.stringify(view.hidden.map(h=>h.text.slice(0,20)+": "+h.why))}`); }
    if (process.argv[3]) console.log(sn.name, s, JSON.stringify(view));
  }
}
fs.writeFileSync(cacheFile, JSON.stringify(cache));
await eyes?.[Symbol.asyncDispose]();
console.log(n, "texts", bad, "wrong");
