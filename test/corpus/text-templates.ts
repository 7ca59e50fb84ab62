// Text-only magazines in the manner of Japanese mail tools: ruled lines, labelled footers, old charsets.
import { kyoto, optOutUrl as U, soleTrader, type Template } from "./piece.ts";

export const textTemplates: readonly Template[] = [
  {
    id: "blastmail text",
    subject: "【サンプル通信】11月号のお知らせ",
    encoding: { charset: "iso-2022-jp", transfer: "7bit" },
    text: {
      slots: {
        name: "発行：株式会社サンプル商事",
        address: "〒999-9999　東京都架空区見本町1-2-3",
        contact: "お問い合わせ：support@example.jp",
        optOut: `▼配信停止はこちら\n${U}`,
      },
      write: (s) => `━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
　サンプル通信　　2026年11月号
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
いつもお世話になっております。
今月は新しい倉庫管理の機能をご紹介いたします。

■ 1. 新機能のご案内
　入庫から出庫までを一つの画面で。
　https://www.example.jp/news/1

■ 2. 年末年始の休業について
　12月29日（火）から1月3日（日）まで休業いたします。

━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
${s.name}
${s.address}
${s.contact}

${s.optOut}
━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
`,
    },
  },
  {
    id: "cuenote text",
    subject: "秋の感謝祭　明日23:59まで",
    encoding: { charset: "iso-2022-jp", transfer: "base64" },
    text: {
      slots: {
        name: "株式会社サンプル商事　お客様係",
        address: "東京都架空区見本町１丁目２番３号",
        contact: "電話 ０３－００００－００００（平日10時～17時）",
        optOut: `このメールの配信停止をご希望の方は、以下のURLからお手続きください。\n${U}`,
      },
      write: (s) => `＊＊＊ 秋の感謝祭 ＊＊＊
明日23:59まで、全品10%OFFです！
https://www.example.jp/sale?utm_source=mail&utm_medium=email

※一部対象外の商品がございます。
※お届け後のキャンセルはお受けできません。
----------------------------------------------------------------
※このメールは送信専用です。ご返信いただいてもお答えできません。
${s.optOut}
----------------------------------------------------------------
${s.name}
${s.address}
${s.contact}
`,
    },
  },
  {
    id: "sole trader text",
    subject: "今週の焼き菓子",
    sender: soleTrader,
    text: {
      slots: {
        name: "発行者：見本太郎（みほん堂）",
        address: "大阪市北区架空2-10-5 見本マンション203",
        contact: "TEL: 090-0000-0000",
        optOut: `メルマガの解除 → ${U}`,
      },
      write: (s) => `こんにちは、みほん堂です。

今週の焼き菓子はレモンケーキです。
ご予約はお電話でも承ります。

--
みほん堂
${s.name}
${s.address}
${s.contact}
${s.optOut}
`,
    },
  },
  {
    id: "kyoto flowed",
    subject: "ラボ通信 vol.12",
    sender: kyoto,
    encoding: { charset: "utf-8", transfer: "quoted-printable", flowed: true },
    text: {
      slots: {
        name: "合同会社ミホン・ラボ",
        address: "京都市見本区架空通烏丸東入ル見本町123",
        contact: "ご連絡先 hello@example.jp",
        optOut: `今後このご案内が不要な方は、お手数ですが下記より配信停止の \nお手続きをお願いいたします。\n${U}`,
      },
      write: (s) => `ラボ通信をお読みいただきありがとうございます。 
今号では、染めの工程をくわしくご紹介します。

ワークショップ会場：大阪府大阪市架空区仮町4-5-6 仮ビル2F
https://www.example.jp/workshop

-- 
${s.name}
${s.address}
${s.contact}

${s.optOut}
`,
    },
  },
  {
    id: "sjis notice first",
    subject: "セミナーのご案内",
    encoding: { charset: "shift_jis", transfer: "8bit" },
    text: {
      slots: {
        name: "【送信者】㈱サンプル商事",
        address: "【住所】東京都架空区見本町一丁目二番三号",
        contact: "【問合せ先】03-0000-0000",
        optOut: `【配信停止】${U}`,
      },
      write: (s) => `このメールは、展示会等で名刺交換をさせていただいた方にお送りしています。

無料セミナー「在庫を減らす５つの方法」
日時：12月10日（木）14:00～15:30
お申し込み：https://www.example.jp/seminar/5
お電話でのお申し込み：0120-000-111（セミナー事務局）

${s.name}
${s.address}
${s.contact}
${s.optOut}
`,
    },
  },
  {
    id: "euc boxed",
    subject: "ポイント有効期限のお知らせと新着情報",
    encoding: { charset: "euc-jp", transfer: "base64" },
    text: {
      slots: {
        name: "運営会社　株式会社サンプル商事",
        address: "所在地　　〒999-9999 東京都架空区見本町1-2-3 サンプルビル5F",
        contact: "お問合せ　https://www.example.jp/contact",
        optOut: `配信解除　${U}`,
      },
      write: (s) => `◆◇◆ 新着情報 ◆◇◆
・冬物コートが入荷しました
・ポイントの有効期限は12月末です

┌─────────────────────────────┐
${s.name}
${s.address}
${s.contact}
${s.optOut}
└─────────────────────────────┘
Copyright (C) SAMPLE STORE All Rights Reserved.
`,
    },
  },
  {
    id: "by mail",
    subject: "週刊サンプル",
    text: {
      slots: {
        name: "編集・発行　株式会社サンプル商事",
        address: "会社概要：https://www.example.jp/company",
        contact: "本メールに関する苦情・お問合せの受付：support@example.jp",
        optOut: "配信停止をご希望の方は stop@u.example.jp に空メールをお送りください。",
      },
      write: (s) => `週刊サンプル 第208号

今週の数字：42％
国内の中小企業のうち、在庫を日次で確認している割合です。

=================================
${s.optOut}
${s.contact}
${s.name}
${s.address}
=================================
`,
    },
  },
  {
    id: "bilingual text",
    subject: "Sample News / サンプルニュース",
    text: {
      slots: {
        name: "Sample Trading Co., Ltd. / 株式会社サンプル商事",
        address: "東京都架空区見本町1-2-3 (1-2-3 Mihon-cho, Kakuu-ku, Tokyo 999-9999, Japan)",
        contact: "Contact / お問い合わせ: https://www.example.jp/contact",
        optOut: `To unsubscribe / 配信停止: ${U}`,
      },
      write: (s) => `Dear customers, / お客様各位

Our new catalogue is out now.
新しいカタログができました。
https://www.example.jp/catalogue

---
${s.name}
${s.address}
${s.contact}
${s.optOut}
`,
    },
  },
  {
    id: "synergy long",
    subject: "【重要】サービス改定と冬のキャンペーン",
    text: {
      slots: {
        name: "本メールは株式会社サンプル商事が配信しています。",
        address: "〒999-9999\n東京都架空区見本町\n1丁目2番3号",
        contact: "■お問い合わせ\nhttps://www.example.jp/contact",
        optOut: `■メールマガジンの配信停止・登録情報の変更\n下記ページよりお手続きいただけます。お手続き後、反映までに数日かかる場合がございます。\n${U}`,
      },
      write: (s) => `お客様各位

動画配信サービスは2026年12月末をもちまして終了いたします。
ご契約の解約手続きは不要です。自動的に停止されます。

冬のキャンペーン実施中！
https://www.example.jp/winter

────────────────────
${s.optOut}

${s.contact}

${s.name}
${s.address}
────────────────────
`,
    },
  },
  {
    id: "kairos plain sales",
    subject: "先日のご質問について",
    text: {
      slots: {
        name: "株式会社サンプル商事　営業部　仮名 花子",
        address: "〒999-9999 東京都架空区見本町1-2-3 見本第一ビル8階",
        contact: "TEL 03-0000-0000　FAX 03-0000-0009\nMail: hanako@example.jp",
        optOut: `※今後メールでのご案内を希望されない場合は、こちらからお知らせください：${U}`,
      },
      write: (s) => `株式会社甲乙丙
ご担当者様

いつもお世話になっております。
資料をご覧いただきありがとうございました。
15分ほどオンラインでご説明できればと存じます。
https://www.example.jp/meeting

-----------------------------------
${s.name}
${s.address}
${s.contact}
-----------------------------------
${s.optOut}
`,
    },
  },
];
