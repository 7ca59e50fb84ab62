import { viewHtml } from "./src/content/html/html-view.ts";
const v=viewHtml(`<!DOCTYPE html><html><head><title>件名</title><style>.pre{display:none;max-height:0;overflow:hidden}</style></head><body style="margin:0;background:#f4f4f4">
<div class="pre">プリヘッダー本文</div>
<table width="600" align="center" cellpadding="0" cellspacing="0" bgcolor="#ffffff"><tr><td style="padding:20px">
<a href="https://www.example.jp/"><img src="https://img.example.jp/logo.png" alt="サンプル" width="200" height="50"></a>
<h1>夏のセール</h1>
<p>いつも株式会社サンプル商事を<br>ご利用いただきありがとうございます。</p>
<p>詳しくは<a href="https://www.example.jp/sale?a=1&amp;b=2">こちらの<b>ページ</b></a>へ。</p>
<ul><li>一つ目</li><li>二つ目 <span style="color:#999">灰色</span></li></ul>
</td></tr>
<tr><td height="40">&nbsp;</td></tr>
<tr><td style="font-size:11px;color:#666">
送信者：株式会社サンプル商事<br>
〒999-9999 東京都架空区見本町1-2-3<br><br><br>
配信停止は <a href="https://u.example.jp/u/abc">こちら</a> または stop@example.jp まで
<div style="text-align:center">お問い合わせ: 03-0000-0000</div>
<a href="mailto:info@example.jp">info@example.jp</a>
</td><td>右の欄</td></tr></table>
${"<br>".repeat(30)}<p>遠い段落</p>
</body></html>`);
for(const b of v.blocks) console.log(b.blankLinesBefore, JSON.stringify(b.text), b.runs.map(r=>`${r.fontSizePx}/${r.contrast}${r.link?" -> "+r.link.text+" "+r.link.target:""}`).join(" ; ")); console.log(v.hidden,v.images);
