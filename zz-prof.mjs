import { readMessage } from "./src/content/read.ts";
import fs from "node:fs";
const src = fs.readFileSync("zz-bench.mjs","utf8").split("for (const kb")[0].replace(/import.*\n/,"");
const mail = new Function(src+";return mail")();
const m = mail(50);
const t=[]; for(let k=0;k<400;k++){const a=process.cpuUsage(); readMessage(m); const b=process.cpuUsage(a); t.push((b.user+b.system)/1000);} const u=t.slice(100).sort((a,b)=>a-b); console.log("cpu p50",u[u.length>>1],"p90",u[Math.floor(u.length*.9)]);
