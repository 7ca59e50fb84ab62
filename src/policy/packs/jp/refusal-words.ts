// The words from which Japanese sentences about stopping mail are built, by the part they play.

/** Things a person may stop receiving. Longest first within a class: the alternation takes the first that fits. */
export const mailWords = [
  "メールマガジン", "メルマガ", "メールニュース", "メール", "めーる", "eメール", "e-mail", "email", "mail", "ニュースレター",
  "newsletter", "ダイレクトメール", "メーリングリスト", "マガジン", "レター", "dm", "広告宣伝", "広告", "宣伝", "ご案内", "御案内", "案内", "お知らせ",
  "ご連絡", "連絡", "お便り", "おたより", "便り", "通信", "ご紹介", "情報", "ニュース", "インフォメーション", "速報", "号外", "レポート", "次号", "本号",
]; // prettier-ignore

/** Sending and receiving as nouns or verb stems. */
export const sendWords = [
  "配信", "送信", "受信", "購読", "購読", "送付", "発送", "発信", "お送り", "送る", "お受け取り", "受け取り", "受取り", "受取", "受け取る", "お届け", "届く",
  "はいしん", "ハイシン", "こうどく",
]; // prettier-ignore

/** What is undone when a person leaves a list. */
export const listWords = ["登録", "リスト", "アドレス", "名簿", "会員", "読者"];

/** Stopping, as nouns or verb stems. */
export const stopWords = [
  "停止", "解除", "中止", "拒否", "ストップ", "止め", "とめ", "止まり", "取り止め", "取りやめ", "取止め", "やめ", "辞め", "とりやめ", "打ち切り", "打切り", "休止", "中断", "停め", "打ち止め", "stop",
  "差し止め", "差止め", "差止", "オプトアウト", "テイシ", "ていし", "カイジョ", "かいじょ",
]; // prettier-ignore

/** Stopping words that also belong to orders, accounts and files: they count only with a list or with sending. */
export const looseStopWords = ["取り消し", "取消し", "取消", "キャンセル", "終了", "抹消", "削除", "解約", "退会", "脱退", "除外", "外す", "オフ", "off", "断り", "断る", "卒業", "辞退", "撤回", "取り消", "取消", "取り下げ", "取下げ", "外れ", "外し", "はずす", "はずれ", "はずし", "終わ", "終え", "抜け", "離れ", "無効"]; // prettier-ignore

/** Words that say it all. */
export const wholeWords = ["オプトアウト", "アンサブスクライブ", "配信拒否", "受信拒否"];

/** Media whose stopping is not the stopping of this mail. */
export const otherMedia = [
  "新聞", "雑誌", "冊子", "宅配", "定期便", "動画", "ライブ", "映像", "音楽", "アーカイブ", "オンデマンド", "見逃し", "番組", "ストリーミング", "プッシュ", "アプリ", "通知", "line", "sms",
  "fax", "ファックス", "カタログ", "郵送", "郵便", "はがき", "ハガキ", "電話", "サービス", "サーバー", "サーバ", "システム", "定期", "自動更新", "お気に入り", "カード", "予約", "口座", "端末", "デバイス",
  "注文", "商品", "製品", "プラン", "契約", "申込内容", "アカウント", "ユーザー", "利用", "販売", "受付", "イベント", "ロック", "無料体験", "podcast", "広告主",
]; // prettier-ignore

/** What may stand between the thing and its stopping without breaking the phrase. */
export const joints = [
  "について", "になり", "なり", "したく", "に関する", "による", "からの", "として", "などの", "ならびに", "並びに", "および", "及び", "もしくは", "または", "又は", "あるいは",
  "今後の", "今後", "以後", "以降", "次回", "一切", "すべて", "全て", "全部", "完全に", "完全", "即時", "直ちに", "すぐに", "いますぐ", "今すぐ", "簡単に", "いつでも", "自由に",
  "ワンクリックで", "クリックで", "一時的な", "一時的に", "一時", "永久", "変更", "確認", "照会", "設定", "頻度", "申し込み", "申込み", "申込", "お申し込み", "停止", "解除", "手続き", "手続", "先", "方法", "内容", "しばらく", "のみ", "だけ", "同意", "承諾", "許諾", "お休み", "休み",
  "サイト", "プログラム", "全般", "対象", "対象者", "提供", "を", "の", "は", "が", "も", "に", "で", "と", "や", "等", "など", "ご", "お", "御", "・", "/", "、", ",", "「", "」", "『", "』", "(", ")", "[", "]", "から",
]; // prettier-ignore
