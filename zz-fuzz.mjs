import { openEyes, inkSeenMin } from "./test/support/browser-eyes.ts";
import { viewHtml } from "./src/content/html/html-view.ts";
import fs from "node:fs";
const seed0=Number(process.argv[2]??1), count=Number(process.argv[3]??100);
let state=0; const rnd=()=>{state|=0;state=state+0x6D2B79F5|0;let t=Math.imul(state^state>>>15,1|state);t=t+Math.imul(t^t>>>7,61|t)^t;return((t^t>>>14)>>>0)/4294967296;};
const pick=a=>a[Math.floor(rnd()*a.length)];
const pool=["display:none","display:block","display:inline","display:inline-block","display:flex","display:table","display:table-cell","display:grid","visibility:hidden","visibility:visible","opacity:0","opacity:.5","opacity:.3","font-size:0","font-size:1px","font-size:12px","font-size:.5em","font-size:150%","color:#fff","color:#000","color:#777","color:#eee","color:transparent","background:#000","background:#fff","background-color:#336","background:linear-gradient(#000,#222)","height:0","height:20px","height:50px","width:0","width:100px","width:50%","max-height:0","max-width:0","max-width:200px","min-height:40px","overflow:hidden","overflow:hidden","overflow:hidden","overflow:auto","overflow-y:hidden","position:absolute","position:relative","position:fixed","left:-9999px","left:20px","top:-9999px","top:10px","top:60px","right:0","bottom:0","text-indent:-9999px","text-indent:1em","margin-left:-9999px","margin:20px","margin-top:60px","margin-top:-30px","padding:10px","padding-top:40px","float:left","float:right","line-height:0","line-height:1.8","line-height:1px","white-space:nowrap","white-space:pre","transform:scale(0)","transform:translateX(-9999px)","transform:translateY(50px)","clip-path:inset(50%)","clip:rect(0,0,0,0)","letter-spacing:1px","text-align:center","vertical-align:top","box-sizing:border-box","border:1px solid #ccc","zoom:.5","filter:opacity(.2)"];
let n;
const st=()=>{const k=Math.floor(rnd()*rnd()*4); return k?` style="${Array.from({length:k},()=>pick(pool)).join(";")}"`:"";};
const text=()=>`文字${String(n++).padStart(2,"0")}札所`;
function node(d){ const r=rnd();
 if(d<=0||r<.25) return text();
 if(r<.3) return "<br>";
 if(r<.5) return `<div${st()}>${kids(d)}</div>`;
 if(r<.65) return `<span${st()}>${kids(d-1)}</span>`;
 if(r<.72) return `<p${st()}>${text()}</p>`;
 if(r<.78) return `<a href="https://x.test/"${st()}>${text()}</a>`;
 if(r<.92) return `<table${rnd()<.5?' width="100%"':""}${st()}>${Array.from({length:1+Math.floor(rnd()*2)},()=>`<tr${st()}>${Array.from({length:1+Math.floor(rnd()*3)},()=>`<td${rnd()<.2?' bgcolor="#000000"':""}${rnd()<.2?' width="100"':""}${st()}>${kids(d-1)}</td>`).join("")}</tr>`).join("")}</table>`;
 if(r<.96) return `<ul${st()}><li${st()}>${text()}</li></ul>`;
 return `<font color="${pick(["white","#000000","red","#eeeeee"])}" size="${pick([1,2,3])}">${kids(d-1)}</font>`;
}
function kids(d){return Array.from({length:1+Math.floor(rnd()*2.5)},()=>node(d-1)).join("");}
const eyes=await openEyes("/usr/bin/chromium"); let total=0,bad=0; const strip=s=>s.replace(/\s+/g,"");
for(let k=0;k<count;k++){ state=seed0*100003+k; n=10; const body=kids(4); const html=`<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>${body}</body></html>`; if(html.length>6000) continue;
 const seen=await eyes.look(html); const v=viewHtml(html); const shown=strip(v.blocks.map(b=>b.text).join("")); let out=[];
 for(const s of seen){ if(!/^文字/.test(s.text)) continue; total++; const vis=s.inkPerCharacter>=8; const clear=s.inkPerCharacter<1||s.inkPerCharacter>20; const ours=shown.includes(strip(s.text)); const part=shown.includes(strip(s.text).slice(0,2)+strip(s.text).slice(2,4)); if(vis!==ours && clear && !(vis&&part)) out.push(`${vis?"VISIBLE/hide":"HIDDEN/show"} ${s.text} ink ${s.inkPerCharacter.toFixed(1)} ${v.hidden.filter(h=>h.text.includes(s.text)).map(h=>h.why)}`); }
 if(out.length){bad+=out.length; console.log("#",k,body,"\n   ",out.join("\n    "));}
}
console.log(total,"texts",bad,"wrong"); await eyes[Symbol.asyncDispose]();
