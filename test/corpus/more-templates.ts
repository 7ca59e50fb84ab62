// A third batch of HTML mails, written after the rules had been mended by the first two: columns, cards, dark grounds.
import { optOutUrl as U, type Slots, type Template } from "./piece.ts";

const inHtml = (change: Partial<Slots>): Slots => ({
  name: "株式会社サンプル商事",
  address: "東京都架空区見本町1-2-3",
  contact: "support@example.jp",
  optOut: `<a href="${U}">配信停止</a>`,
  ...change,
});

/** As tools make it out of the HTML: targets in angle brackets. */
const text: Template["text"] = {
  slots: {
    name: "株式会社サンプル商事",
    address: "東京都架空区見本町1-2-3",
    contact: "TEL 03-0000-0000",
    optOut: `配信停止 <${U}>`,
  },
  write: (s) => `サンプルストア <https://www.example.jp/>

[画像: 冬のセール]

いますぐ見る <https://click.example.jp/1>

${s.name}
${s.address}
${s.contact}

${s.optOut}
`,
};

export const moreTemplates: readonly Template[] = [
  {
    id: "three columns",
    subject: "冬のセール",
    text,
    html: {
      slots: inHtml({}),
      write: (s) =>
        `<!DOCTYPE html><html><body><table width="600" align="center"><tr><td width="200" valign="top" style="font-size:12px">${s.name}<br>${s.address}</td><td width="200" valign="top" style="font-size:12px">${s.contact}</td><td width="200" valign="top" style="font-size:12px">${s.optOut}</td></tr></table></body></html>`,
    },
  },
  {
    id: "css grid cards",
    subject: "新商品のご案内",
    text,
    html: {
      slots: inHtml({ contact: `<a href="https://www.example.jp/contact">お問い合わせ</a>` }),
      write: (s) =>
        `<!DOCTYPE html><html><head><style>.g{display:grid;grid-template-columns:1fr 1fr;gap:8px}.card{border:1px solid #ddd;padding:8px}footer{display:flex;flex-wrap:wrap;justify-content:space-between;font-size:12px;color:#595959;background:#f7f7f7;padding:16px}footer>div{flex:1 1 200px}@media(max-width:600px){.g{grid-template-columns:1fr}footer>div{flex-basis:100%}}</style></head><body><div class="g"><div class="card">商品A</div><div class="card">商品B</div></div><footer><div>${s.name}</div><div>${s.address}</div><div>${s.contact}</div><div>${s.optOut}</div></footer></body></html>`,
    },
  },
  {
    id: "utility classes",
    subject: "会員の皆様へ",
    html: {
      slots: inHtml({}),
      write: (s) =>
        `<!DOCTYPE html><html><head><style>.text-xs{font-size:12px}.text-gray-500{color:#6b7280}.hidden{display:none}.sm\\:block{}@media (min-width:640px){.sm\\:block{display:block!important}.sm\\:hidden{display:none!important}}.sr-only{position:absolute;width:1px;height:1px;padding:0;margin:-1px;overflow:hidden;clip:rect(0,0,0,0);border:0}</style></head><body><span class="sr-only">読み上げ用</span><div class="sm:hidden">小さい画面用</div><div class="hidden sm:block"><p class="text-xs text-gray-500">${s.name}</p><p class="text-xs text-gray-500">${s.address}</p><p class="text-xs text-gray-500">${s.contact}</p><p class="text-xs text-gray-500">${s.optOut}</p></div></body></html>`,
    },
  },
  {
    id: "old font page",
    subject: "大感謝祭",
    encoding: { charset: "shift_jis", transfer: "quoted-printable" },
    html: {
      slots: inHtml({ contact: "TEL:03-0000-0000" }),
      write: (s) =>
        `<HTML><BODY BGCOLOR="#FFFFE0" TEXT="#333333" LINK="#0000FF"><CENTER><FONT SIZE="5" COLOR="#CC0000"><B>大感謝祭</B></FONT><BR><HR WIDTH="80%"><FONT SIZE="2">${s.name}<BR>${s.address}<BR>${s.contact}<BR>${s.optOut}</FONT></CENTER></BODY></HTML>`,
    },
  },
  {
    id: "dark newsletter",
    subject: "深夜便",
    html: {
      slots: inHtml({
        contact: "お問い合わせ：support@example.jp",
        optOut: `<a href="${U}" style="color:#8ab4f8">配信停止はこちら</a>`,
      }),
      write: (s) =>
        `<!DOCTYPE html><html><body style="margin:0;background-color:#121212;color:#e0e0e0"><table width="100%" bgcolor="#121212"><tr><td align="center" style="color:#e0e0e0;font-size:13px"><p>深夜便</p><p style="color:#9e9e9e">${s.name}<br>${s.address}<br>${s.contact}</p><p>${s.optOut}</p></td></tr></table></body></html>`,
    },
  },
  {
    id: "hero background",
    subject: "特集のお知らせ",
    text,
    html: {
      slots: inHtml({}),
      write: (s) =>
        `<!DOCTYPE html><html><body><div style="background:#003366 url('https://img.example.jp/hero.jpg') center/cover no-repeat;color:#fff;padding:60px">ヒーロー</div><div style="background-image:linear-gradient(180deg,#ffffff 0%,#f2f2f2 100%);padding:20px;font:12px/1.6 'Hiragino Sans',sans-serif;color:#444"><section>${s.name}</section><section>${s.address}</section><section>${s.contact}</section><section>${s.optOut}</section></div></body></html>`,
    },
  },
  {
    id: "preview padding",
    subject: "お見逃しなく",
    html: {
      slots: inHtml({}),
      write: (s) =>
        `<html><body><div style="display:none;max-height:0;overflow:hidden">お見逃しなく${"&#847;&zwnj;&nbsp;".repeat(60)}</div><table role="presentation" width="100%"><tr><td style="padding:0 0 0 0;font-size:0;line-height:0">&nbsp;</td></tr><tr><td><!--[if mso | IE]><table><tr><td width="600"><![endif]--><div style="max-width:600px;font-size:14px;line-height:1.5">こんにちは</div><!--[if mso | IE]></td></tr></table><![endif]--></td></tr><tr><td style="font-size:12px;line-height:18px;color:#6d6d6d;mso-line-height-rule:exactly">${s.name} | ${s.address} | ${s.contact}<br>${s.optOut}</td></tr></table></body></html>`,
    },
  },
  {
    id: "em sizes",
    subject: "本文のご案内",
    html: {
      slots: inHtml({}),
      write: (s) =>
        `<!DOCTYPE html><html><head><style>body{font-size:62.5%}.w{font-size:1.4em}.f{font-size:.85em;color:rgb(102 102 102)}</style></head><body><div class="w"><p>本文</p><div class="f"><p>${s.name}</p><p>${s.address}</p><p>${s.contact}</p><p>${s.optOut}</p></div></div></body></html>`,
    },
  },
];
