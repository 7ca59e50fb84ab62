import { openEyes } from "./test/support/browser-eyes.ts";
await using eyes = await openEyes("/usr/bin/chromium");
for (const h of ["<p>配信停止はこちら</p><p style='display:none'>隠し文字</p><p style='font-size:9px'>九ピクセル</p><p style='font-size:2px'>二ピクセル</p><p style='font-size:3px'>三ピクセル</p><p style='font-size:4px'>四ピクセル</p><p style='color:#eee'>薄い灰色</p><p style='color:#e0e0e0'>灰色e0</p><p style='color:#ccc'>灰色cc</p><p style='opacity:.05'>不透明度</p><p style='opacity:.1'>不透明度十</p><p style='opacity:.2'>不透明度二十</p>"]) {
  const t=Date.now();
  console.log(await eyes.look(h), Date.now()-t);
}
