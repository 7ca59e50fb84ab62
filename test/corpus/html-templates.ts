// HTML mails in the manner of marketing tools, most with a text alternative.
import { kyoto, optOutUrl as U, soleTrader, type Slots, type Template } from "./piece.ts";
import { bowNow, darkMode, hubSpot, mailchimp, marketo, mautic, mjml, outlookTables, salesforce, willMail, wordLike } from "./html-frames.ts"; // prettier-ignore

const plainText: Slots = {
  name: "株式会社サンプル商事",
  address: "〒999-9999 東京都架空区見本町1-2-3",
  contact: "お問い合わせ：support@example.jp / 03-0000-0000",
  optOut: `配信停止をご希望の方はこちら：\n${U}`,
};

const writeText = (s: Slots): string => `いつもご利用いただきありがとうございます。
新商品のご案内です。
https://click.example.jp/t/abc?k=1

----
${s.optOut}

${s.name}
${s.address}
${s.contact}
`;

const text = { slots: plainText, write: writeText };

const inHtml = (change: Partial<Slots>): Slots => ({
  name: "株式会社サンプル商事",
  address: "〒999-9999 東京都架空区見本町1-2-3",
  contact: `お問い合わせ: <a href="mailto:support@example.jp">support@example.jp</a>`,
  optOut: `<a href="${U}">配信停止はこちら</a>`,
  ...change,
});

export const htmlTemplates: readonly Template[] = [
  {
    id: "hubspot",
    subject: "資料ダウンロードのお礼",
    text,
    html: {
      slots: inHtml({
        optOut: `<a href="${U}?_hsenc=p2AN&amp;_hsmi=2" style="text-decoration:underline;color:#33475b" data-unsubscribe="true">配信停止</a> <a href="${U}/manage" style="color:#33475b">配信設定の変更</a>`,
        contact: "TEL：03-0000-0000",
      }),
      write: hubSpot,
    },
  },
  {
    id: "marketo",
    subject: "ウェビナーのご案内",
    text,
    html: {
      slots: inHtml({
        name: "© 2026 株式会社サンプル商事",
        optOut: `今後このようなメールの配信を希望されない場合は、<a href="${U}?mkt_unsubscribe=1">こちら</a>から配信停止のお手続きをお願いいたします。`,
        contact: `<a href="https://www.example.jp/contact">お問い合わせ</a>`,
      }),
      write: marketo,
    },
  },
  {
    id: "salesforce",
    subject: "会員様限定クーポン",
    text,
    html: {
      slots: inHtml({
        name: "送信者：株式会社サンプル商事",
        address: "住所：東京都架空区見本町1-2-3",
        optOut: `メール配信を希望されない方は<a href="${U}?qs=0a1b2c">配信停止手続き</a>をお願いします。`,
      }),
      write: salesforce,
    },
  },
  {
    id: "mailchimp",
    subject: "Weekly picks",
    text,
    html: {
      slots: inHtml({
        name: "<em>Copyright © 2026 株式会社サンプル商事, All rights reserved.</em>",
        address: "<strong>所在地：</strong><br>東京都架空区見本町1-2-3",
        optOut: `メールの受信設定を変更しますか？<br><a href="${U}/p">設定を変更する</a>、または<a href="${U}">メールの配信を停止する</a>ことができます。`,
      }),
      write: mailchimp,
    },
  },
  {
    id: "sendgrid",
    subject: "レシピ便り",
    html: {
      slots: inHtml({
        optOut: `<a class="Unsubscribe--unsubscribeLink" href="${U}" style="font-family:sans-serif;text-decoration:none;">配信停止</a> - <a href="${U}/pref" class="Unsubscribe--unsubscribePreferences" style="font-family:sans-serif;text-decoration:none;">受信設定</a>`,
      }),
      write: (
        s,
      ) => `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html data-editor-version="2" class="sg-campaigns" xmlns="http://www.w3.org/1999/xhtml"><head>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style type="text/css">body,p,div{font-family:arial,helvetica,sans-serif;font-size:14px}body{color:#000}table.wrapper{width:100%!important;table-layout:fixed}@media screen and (max-width:480px){.preheader .rightColumnContent,.footer .rightColumnContent{text-align:left!important}.column{display:block!important;width:100%!important}}</style></head>
<body><center class="wrapper" data-link-color="#1188E6" data-body-style="font-size:14px; color:#000000; background-color:#FFFFFF;"><div class="webkit"><table cellpadding="0" cellspacing="0" border="0" width="100%" class="wrapper" bgcolor="#FFFFFF"><tr><td>
<table class="module preheader preheader-hide" role="module" data-type="preheader" border="0" cellpadding="0" cellspacing="0" width="100%" style="display:none !important; mso-hide:all; visibility:hidden; opacity:0; color:transparent; height:0; width:0;"><tr><td role="module-content"><p>今週の簡単レシピ</p></td></tr></table>
<table width="100%"><tr><td style="padding:18px 0;line-height:22px;text-align:inherit"><div>今週は大根の煮物です。</div></td></tr></table>
<div data-role="module-unsubscribe" class="module" role="module" data-type="unsubscribe" style="color:#444444; font-size:12px; line-height:20px; padding:16px; text-align:Center;"><div class="Unsubscribe--addressLine"><p class="Unsubscribe--senderName" style="font-size:12px;line-height:20px">${s.name}</p><p style="font-size:12px;line-height:20px"><span class="Unsubscribe--senderAddress">${s.address}</span></p></div><p style="font-size:12px">${s.contact}</p><p style="font-size:12px;line-height:20px;">${s.optOut}</p></div>
</td></tr></table></div></center></body></html>`,
    },
  },
  {
    id: "blastmail html",
    subject: "冬の新作",
    text,
    html: {
      slots: inHtml({ optOut: `▼配信停止はこちら<br><a href="${U}">${U}</a>` }),
      write: (s) => `<html><head><title>冬の新作</title></head><body>
<div style="width:600px;margin:0 auto"><img src="https://img.example.jp/main.jpg" width="600" alt="冬の新作"><p style="font-size:14px;color:#333">あたたかいコートが揃いました。</p>
<hr><div style="font-size:12px;color:#666666">${s.name}<br>${s.address}<br>${s.contact}<br><br>${s.optOut}</div></div></body></html>`,
    },
  },
  {
    id: "will mail",
    subject: "スマホで見やすいメール",
    text,
    html: {
      slots: inHtml({ optOut: `<a href="${U}" target="_blank">メルマガの配信停止</a>` }),
      write: willMail,
    },
  },
  {
    id: "b-dash",
    subject: "あなたへのおすすめ",
    html: {
      slots: inHtml({
        name: "運営会社：株式会社サンプル商事",
        contact: `<a href="https://www.example.jp/contact?utm_source=bdash">お問い合わせフォーム</a>`,
        optOut: `配信解除は<a href="${U}">こちら</a>`,
      }),
      write: outlookTables,
    },
  },
  {
    id: "bownow",
    subject: "製品カタログのご案内",
    text,
    html: {
      slots: inHtml({
        optOut: `メールの配信停止をご希望される方は、<a href="${U}">配信停止フォーム</a>よりお手続きください。`,
      }),
      write: bowNow,
    },
  },
  {
    id: "mautic",
    subject: "News",
    text,
    html: { slots: inHtml({ optOut: `<a href="${U}">配信を停止する</a>` }), write: mautic },
  },
  {
    id: "dark mode",
    subject: "夜更かし通信",
    text,
    html: {
      slots: inHtml({
        contact: "お問い合わせ: support@example.jp",
        optOut: `メールがご不要な方：<a href="${U}" class="dm-link" style="color:#9ecbff">配信停止</a>`,
      }),
      write: darkMode,
    },
  },
  {
    id: "mjml",
    subject: "冬のボーナスキャンペーン",
    text,
    html: {
      slots: inHtml({ optOut: `<a href="${U}" style="color:#666666;">購読解除</a>` }),
      write: mjml,
    },
  },
  {
    id: "word-like",
    subject: "お打ち合わせのお礼",
    html: {
      slots: inHtml({
        name: "㈱サンプル商事",
        optOut: `<a href="${U}"><span style="color:#0563C1">今後のご案内が不要な方はこちら</span></a>`,
      }),
      write: wordLike,
    },
  },
  {
    id: "listmonk sole trader",
    subject: "みほん堂だより",
    sender: soleTrader,
    text: {
      slots: {
        name: "見本 太郎",
        address: "大阪府大阪市北区架空2丁目10-5",
        contact: "電話：090-0000-0000",
        optOut: `購読解除: ${U}`,
      },
      write: writeText,
    },
    html: {
      slots: {
        name: "見本 太郎（みほん堂）",
        address: "大阪府大阪市北区架空２－１０－５－２０３",
        contact: `電話：<a href="tel:09000000000">090-0000-0000</a>`,
        optOut: `<a href="${U}" style="color: #888;">購読解除</a>`,
      },
      write: (s) =>
        `<!doctype html><html><head><meta name="viewport" content="width=device-width"><style>body{background-color:#F0F1F3;font-family:'Helvetica Neue',sans-serif;font-size:15px;line-height:26px;margin:0;color:#444}.wrap{background-color:#fff;padding:30px;max-width:525px;margin:0 auto;border-radius:5px}.footer{text-align:center;font-size:12px;color:#888}.footer a{color:#888;margin-right:5px}.gutter{padding:30px}@media screen and (max-width:600px){.wrap{max-width:auto}.gutter{padding:10px}}</style></head><body style="background-color:#F0F1F3"><div class="gutter">&nbsp;</div><div class="wrap"><p>今月の焼き菓子です。</p></div><div class="footer"><p>${s.name}<br>${s.address}<br>${s.contact}</p><p>${s.optOut} &nbsp;&nbsp;</p></div><div class="gutter">&nbsp;</div></body></html>`,
    },
  },
  {
    id: "kyoto list footer",
    subject: "染めのワークショップ",
    sender: kyoto,
    html: {
      slots: {
        name: "合同会社ミホン・ラボ",
        address: "京都府京都市見本区架空通烏丸東入見本町１２３",
        contact: `<a href="https://www.example.jp/inquiry">お問い合わせはこちら</a>`,
        optOut: `メール配信の停止をご希望の場合は<a href="${U}">コチラ</a>`,
      },
      write: (s) =>
        `<!DOCTYPE html><html lang="ja"><body style="margin:0;background:#faf7f2"><main style="max-width:640px;margin:auto;padding:24px;background:#fff"><h1 style="font-size:22px">染めのワークショップ</h1><p>全工程を一日で体験できます。</p><p><a href="https://www.example.jp/ws" style="display:inline-block;background:#7b3f00;color:#fff;padding:12px 24px;border-radius:4px">詳しく見る</a></p></main><footer style="max-width:640px;margin:auto;padding:16px 24px;color:#777;font-size:11px"><ul style="list-style:none;padding:0;margin:0"><li>${s.name}</li><li>${s.address}</li><li>${s.contact}</li><li>${s.optOut}</li></ul></footer></body></html>`,
    },
  },
  {
    id: "link-out footer",
    subject: "半額タイムセール",
    text: {
      slots: {
        ...plainText,
        address: "会社概要 https://www.example.jp/company",
        contact: "お問い合わせ https://www.example.jp/contact",
      },
      write: writeText,
    },
    html: {
      slots: inHtml({
        name: "株式会社サンプル商事",
        address: `<a href="https://www.example.jp/company">会社概要</a>`,
        contact: `<a href="https://www.example.jp/contact">お問い合わせ</a>`,
        optOut: `<a href="${U}">配信停止</a>`,
      }),
      write: (s) =>
        `<!DOCTYPE html><html><body style="font-family:sans-serif"><table width="640" align="center"><tr><td><a href="https://click.example.jp/1"><img src="https://img.example.jp/sale.png" alt="半額タイムセール" width="640" height="300"></a></td></tr><tr><td align="center" style="font-size:12px;color:#666;padding:20px">${s.address} ｜ <a href="https://www.example.jp/privacy">プライバシーポリシー</a> ｜ ${s.contact} ｜ ${s.optOut}<br><br>Copyright &copy; ${s.name} All Rights Reserved.</td></tr></table></body></html>`,
    },
  },
  {
    id: "group of companies",
    subject: "グループ合同キャンペーン",
    text: {
      slots: { ...plainText, name: "【広告主】株式会社甲乙\n【配信】株式会社サンプル商事" },
      write: writeText,
    },
    html: {
      slots: inHtml({
        name: "配信元：株式会社サンプル商事",
        optOut: `このメールの受信を希望しない方は、<a href="${U}">受信拒否の手続き</a>をお願いします。`,
      }),
      write: (s) =>
        `<html><body><table width="600"><tr><td><h2>合同キャンペーン</h2><p>協賛：株式会社甲乙、有限会社丙丁（東京都架空区別町9-9-9、電話03-1111-2222）</p></td></tr><tr><td style="font-size:11px;color:#666;line-height:1.6">広告主：株式会社甲乙<br>${s.name}<br>${s.address}<br>${s.contact}<br>${s.optOut}</td></tr></table></body></html>`,
    },
  },
  {
    id: "white on navy footer",
    subject: "投資セミナー",
    html: {
      slots: inHtml({
        contact: `お問い合わせ窓口 <span style="white-space:nowrap">03-0000-0000</span>`,
        optOut: `配信停止をご希望の方は<a href="${U}" style="color:#ffffff;text-decoration:underline">こちら</a>`,
      }),
      write: (s) =>
        `<html><head><style>.f{background:#0b1f4b;color:#ffffff;font-size:12px}.f a{color:#ffffff}</style></head><body bgcolor="#ffffff"><table width="100%" cellpadding="0" cellspacing="0"><tr><td align="center"><table width="600"><tr><td style="padding:20px">個人投資家向けの説明会を開きます。</td></tr><tr><td class="f" bgcolor="#0b1f4b" style="padding:20px;color:#ffffff">${s.name}<br>${s.address}<br>${s.contact}<br>${s.optOut}</td></tr></table></td></tr></table></body></html>`,
    },
  },
  {
    id: "responsive pair",
    subject: "新着物件のお知らせ",
    text,
    html: {
      slots: inHtml({ optOut: `メール配信の停止は<a href="${U}">こちら</a>からお願いします` }),
      write: (s) =>
        `<!DOCTYPE html><html><head><style>.sp{display:none}@media only screen and (max-width:480px){.pc{display:none!important}.sp{display:block!important;max-height:none!important}}</style></head><body><div class="pc"><table width="600" align="center"><tr><td style="font-size:14px">駅から徒歩5分の新築です。</td></tr><tr><td style="font-size:11px;color:#666">${s.name}<br>${s.address}<br>${s.contact}<br>${s.optOut}</td></tr></table></div><!--[if !mso]><!--><div class="sp" style="display:none;max-height:0;overflow:hidden;mso-hide:all"><p>駅から徒歩5分の新築です。</p><p>スマートフォン版</p></div><!--<![endif]--></body></html>`,
    },
  },
  {
    id: "satori nested tables",
    subject: "導入事例集を公開しました",
    text,
    html: {
      slots: inHtml({
        name: "<b>株式会社サンプル商事</b> マーケティング部",
        optOut: `本メールの配信停止をご希望の場合は、<a href="${U}">配信停止フォーム</a>からお手続きください。`,
      }),
      write: (s) =>
        `<html><body><table border=0 width="100%"><tr><td align=center><table width=580><tr><td><p>導入企業：株式会社甲乙丙、丁戊株式会社</p><p>甲乙丙社では、配信停止率が半分になりました。</p></td></tr></table><table width=580 style="border-top:1px solid #ccc"><tr><td width=120 valign=top><img src="https://img.example.jp/logo.png" alt="SAMPLE" width=100 height=40></td><td style="font-size:11px;color:#555"><p style="margin:0">${s.name}</p><p style="margin:0">${s.address}</p><p style="margin:0">${s.contact}</p></td></tr><tr><td colspan=2 style="font-size:11px;color:#555;padding-top:10px">${s.optOut}</td></tr></table></td></tr></table></body></html>`,
    },
  },
  {
    id: "benchmark english tail",
    subject: "春のコレクション",
    html: {
      slots: inHtml({
        optOut: `このメールは配信登録された方にお送りしています。<br><a href="${U}">配信停止</a> | <a href="${U}/sub">登録情報の管理</a>`,
      }),
      write: (s) =>
        `<html xmlns="http://www.w3.org/1999/xhtml"><body text="#444545" style="margin:0"><table width="100%" cellpadding="0" cellspacing="0" id="tbl"><tr><td align="center" bgcolor="#eeeeee"><table width="590"><tr><td bgcolor="#ffffff" style="padding:10px"><font face="Arial" size="3" color="#444545">新しいコレクションができました。</font></td></tr><tr><td><font size="1" color="#666666">${s.optOut}<br>${s.name}, ${s.address}<br>${s.contact}</font></td></tr></table></td></tr></table></body></html>`,
    },
  },
];
