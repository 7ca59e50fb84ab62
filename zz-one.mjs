import { viewHtml } from "./src/content/html/html-view.ts";
const v=viewHtml("<!DOCTYPE html>"+process.argv[2]); for(const b of v.blocks) console.log("SHOW",JSON.stringify(b.text),b.blankLinesBefore,b.runs.map(r=>r.fontSizePx+"/"+r.contrast).join()); for(const h of v.hidden) console.log("HIDE",JSON.stringify(h.text),h.why,h.beforeBlock);
